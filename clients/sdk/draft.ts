import { type Code, RequestError } from './errors.ts';
import { addressOf, chatIdOf, chatRefOf } from './names.ts';
import type { Recipient } from './types.ts';

/** Source: protocol/limits.ts. A browser sends each message as one frame, and API Gateway limits frames. */
const CONTENT_BYTES = 16 * 1024;
const FRAME_BYTES = 32 * 1024;
// Room for `request_id` and `after_seq`, which are added after the check.
const REST = 100;

/** A text to send or to replace another with, or a deletion. */
export interface Content {
  /** The `client_message_id` of its entry. */
  id: string;
  /** Empty for a deletion. */
  content: string;
  deletes?: true;
  /** Of a deletion: how long it can be undone where it was asked for. */
  undoMs?: number;
}

/** A change of what may be sent already: it goes out once that is stored. */
interface Next extends Content {
  /** The one before it, which it makes needless, unless it is undone. */
  before?: Next | undefined;
}

/** What the store keeps of an unsent message or change. */
export interface Draft extends Content {
  to: Recipient;
  /** Of a change: the seq of the stored message. */
  target?: number;
  /** Its `after_seq`: the same on every attempt, unless the server answers `too_far_back`. Absent, it was never sent. */
  after?: number;
  next?: Next | undefined;
  failed?: { code: Code; reason: string };
}

/** The last that was asked for. */
export const lastOf = (draft: Draft): Content => draft.next ?? draft;

/** The command that sends it. @param me the user */
export function requestOf({ id, to, content, target, deletes, after }: Draft, me: string): object {
  const rest = { content: deletes ? undefined : content, client_message_id: id, after_seq: after };
  const chat = chatRefOf(to);
  if (target === undefined)
    return { type: 'group' in chat ? 'SEND_GROUP_MESSAGE' : 'SEND_MESSAGE', ...addressOf(chat), ...rest };
  const type = deletes ? 'delete_message' : 'edit_message';
  return { type, chat: chatIdOf(me, chat), seq: target, ...rest };
}

/** What the server would refuse, or what API Gateway would close the connection for. */
export function refusalOf(draft: Draft, me: string): RequestError | undefined {
  if (draft.content === '' && !draft.deletes)
    return new RequestError('bad_request', 'A message must not be empty.');
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const isTooLarge =
    bytes(draft.content) > CONTENT_BYTES || bytes(JSON.stringify(requestOf(draft, me))) + REST > FRAME_BYTES;
  return isTooLarge ? new RequestError('content_too_large', 'A message is at most 16 KiB.') : undefined;
}
