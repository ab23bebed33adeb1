/** What a program can tell from a fail reply, and what each code means to a person. Source: protocol.md, "Codes". */
export const codes = {
  bad_request: 'The frame or one of its fields is not as it must be; `reason` names the field.',
  unknown_type: 'No such command.',
  not_logged_in: 'This connection has not logged in.',
  already_logged_in: 'This connection is logged in as somebody else: log out first.',
  invalid_name: 'A name is 1 to 32 of a-z 0-9 . _ - and begins with a letter or digit.',
  name_taken: 'A user or a group has this name already.',
  invalid_credentials: 'No such user, or not their password.',
  unknown_recipient: 'No user has this name.',
  unknown_group: 'No group has this name, or nobody is in it any more.',
  not_a_member: 'Only members of the group may do this.',
  not_allowed: 'Only the owner of the group may do this.',
  not_invited: 'The group takes only who is invited, or you were removed from it; and you are not invited.',
  sender_mismatch: '`sender` is not the user that this connection logged in as.',
  content_too_large: 'The content is larger than 16 KiB.',
  rate_limited: 'Too much too fast, and nothing was stored; `retry_after_ms` says when to try again.',
  unknown_message: 'You wrote no such message, or it is deleted.',
  limit_reached:
    'As many as there may be: of groups, members, invitations, edits or devices; `reason` says which.',
  too_far_back:
    'There is more behind `after_seq` than is looked through at once. An earlier attempt was not stored up to the `after_seq` of this reply, and this one stored nothing: send it again with that one.',
  busy: 'Try again; nothing was stored.',
  outcome_unknown:
    'It is not known whether this took effect, whole or in part. Send it again, a message with the same `client_message_id`: then it does so once.',
  internal_error: 'Something failed on our side; `request_id` is what to quote.',
} as const;

export type Code = keyof typeof codes;

/** What any command may answer with, beside its own codes. */
export const commonCodes = [
  'bad_request',
  'rate_limited',
  'busy',
  'outcome_unknown',
  'internal_error',
] as const satisfies readonly Code[];

/** A refusal that is the client's to read: `code` for its program, `reason` (one sentence) for its person. */
export class ChatError extends Error {
  readonly code: Code;
  /** With `rate_limited`: milliseconds until the same request may be taken. */
  readonly retryAfter: number | undefined;
  /** With `too_far_back`: the `after_seq` to send the same with. */
  readonly after: number | undefined;

  constructor(
    code: Code,
    reason: string,
    { retryAfter, after }: { retryAfter?: number; after?: number } = {},
  ) {
    super(reason);
    this.name = 'ChatError';
    this.code = code;
    this.retryAfter = retryAfter;
    this.after = after;
  }
}

/** The refusal of what comes too fast. @param wait milliseconds, from 1 */
export const tooFast = (what: string, wait: number): ChatError =>
  new ChatError('rate_limited', `${what} Try again in ${Math.ceil(wait / 1000)} s.`, {
    retryAfter: Math.ceil(wait),
  });
