/** What a program can tell from a fail reply, and what each code means to a person. */
export const codes = {
  bad_request: 'The frame or one of its fields is invalid; `reason` names the field.',
  unknown_type: 'There is no such command.',
  not_logged_in: 'This connection has not logged in.',
  already_logged_in: 'This connection is logged in as another user: log out first.',
  invalid_name:
    'A name has 1 to 32 characters of a-z 0-9 . _ - and begins with a letter or digit. An id of an identity provider has 1 to 128 characters of printable ASCII, without a space.',
  name_taken: 'A user or a group has this name already, or it is `system`, which is the service’s own.',
  invalid_credentials: 'The user name, password or session token is wrong.',
  invalid_token:
    'The `token` of a login is missing or not valid here, or the service has no identity provider; `reason` says why.',
  token_expired: 'The `token` of a login has expired: get a fresh one.',
  session_expired:
    'The token that this connection logged in with has expired, or a `logout` with `everywhere` came after the `token` was issued: log in with a fresh one.',
  unknown_recipient: 'No user has this name.',
  unknown_group: 'No group has this name, or the group has no members any more.',
  not_a_member: 'Only members of the group may do this.',
  already_a_member: 'The user has joined the group, so there is no invitation to withdraw.',
  not_allowed:
    'Only the owner of the group may do this, or nobody where users come from an identity provider, or not a backend; `reason` says which.',
  not_invited:
    'The group is invite-only, or you were removed from it, and you are not invited. `ask` is its owner, who can invite you.',
  sender_mismatch: '`sender` is not the user that this connection logged in as.',
  content_too_large: 'The content is larger than 16 KiB.',
  rejected:
    'The operator of the service does not let this message, or this edit, through, and nothing was stored; `reason` says why. The same again is refused again.',
  rate_limited: 'Too many requests; nothing was stored. Try again after `retry_after_ms`.',
  unknown_message: 'You sent no such message, or it was deleted.',
  limit_reached: 'A limit is reached: groups, members, invitations, edits or devices; `reason` says which.',
  too_far_back:
    'The chat is too long behind `after_seq` to be searched at once. Up to the `after_seq` of this reply no earlier attempt was stored, and this attempt stored nothing: send it again with that `after_seq`.',
  busy: 'Nothing was stored. Try again.',
  outcome_unknown:
    'The request may have taken effect, wholly or in part. Send it again, a message with the same `client_message_id`; it takes effect once.',
  internal_error: 'Something failed in the service. Quote the `request_id` if you report it.',
} as const;

export type Code = keyof typeof codes;

/** What any command may answer with, beside its own codes. */
export const commonCodes = [
  'bad_request',
  'session_expired',
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
  /** With `not_invited`: the user who can invite. */
  readonly ask: string | undefined;

  constructor(
    code: Code,
    reason: string,
    { retryAfter, after, ask }: { retryAfter?: number; after?: number; ask?: string | undefined } = {},
  ) {
    super(reason);
    this.name = 'ChatError';
    this.code = code;
    this.retryAfter = retryAfter;
    this.after = after;
    this.ask = ask;
  }
}

/** The refusal of what comes too fast. @param wait milliseconds, from 1 */
export const tooFast = (what: string, wait: number): ChatError =>
  new ChatError('rate_limited', `${what} Try again in ${Math.ceil(wait / 1000)} s.`, {
    retryAfter: Math.ceil(wait),
  });
