import { RequestError } from './errors.ts';
import { addressOf, chatRefOf } from './names.ts';
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
  undoMs?: number | undefined;
}

/** A change of what may be sent already: it goes out once that is stored. */
interface Next extends Content {
  /** The one before it, which it makes needless, unless it is undone. */
  before?: Next | undefined;
}

/** An unsent message or change. */
export interface Draft extends Content {
  to: Recipient;
  /** Of a change: the seq of the stored message. */
  target?: number | undefined;
  /** Its `after_seq`: the same on every attempt, unless the server answers `too_far_back`. Absent, it was never sent. */
  after?: number;
  next?: Next | undefined;
}

/** The last that was asked for. */
export const lastOf = (draft: Draft): Content => draft.next ?? draft;

/** The command that sends a message. */
export const requestOf = ({ id, to, content, after }: Draft) => ({
  type: typeof to === 'string' ? 'SEND_MESSAGE' : 'SEND_GROUP_MESSAGE',
  ...addressOf(chatRefOf(to)),
  ...{ content, client_message_id: id, after_seq: after },
});

/** What the server would refuse, or what API Gateway would close the connection for. */
export function refusalOf(request: { content?: string | undefined }): RequestError | undefined {
  const { content } = request;
  if (content === '') return new RequestError('bad_request', 'A message must not be empty.');
  const bytes = (text = '') => new TextEncoder().encode(text).length;
  const isTooLarge = bytes(content) > CONTENT_BYTES || bytes(JSON.stringify(request)) + REST > FRAME_BYTES;
  return isTooLarge ? new RequestError('content_too_large', 'A message is at most 16 KiB.') : undefined;
}
