import type { Command, OperatorCommand } from './commands/index.ts';
import type { ChatError } from './errors.ts';
import { type ChatEvent, type Ending, endings } from './events.ts';
import { fitting, sizeOf } from './frame-size.ts';
import { eventLine, oneLine, receiveLine } from './lines.ts';
import type { WireMessage } from './messages.ts';
import type { pushes } from './pushes.ts';
import type { Form } from './read.ts';

/** A successful reply as a frame, in the form of its request. @param request its checked fields */
export function writeReply(
  command: Command | OperatorCommand,
  form: Form,
  reply: object,
  requestId?: string,
  request: object = {},
): string {
  const { type, status } = command.reply;
  if (form === 'text' && command.text) return command.text.write(reply as never, request as never);
  return JSON.stringify({ type, status, ...reply, request_id: requestId });
}

/** A fail reply as a frame, in the form of its request: a line is answered by a line, `STATUS REASON`, also if it is no command. */
export function writeFail(
  command: Command | OperatorCommand | undefined,
  form: Form,
  error: ChatError,
  requestId?: string,
): string {
  const { type, status } = command?.fail ?? { type: 'error', status: 'error' };
  // A reason may repeat a word of the request.
  if (form === 'text') return `${status} ${oneLine(error.message)}`;
  const { code, message: reason, retryAfter: retry_after_ms, after: after_seq, ask } = error;
  return JSON.stringify({
    type,
    status,
    code,
    reason,
    retry_after_ms,
    after_seq,
    ask,
    request_id: requestId,
  });
}

/** A message as a push to one connection. */
export function writePush(message: WireMessage, form: Form): string {
  if (form === 'text') return receiveLine(message);
  return JSON.stringify({ type: typeOf(message), ...message });
}

// Bytes of a frame around its messages.
const AROUND = 100;

/** Whether a client that reads this form, and said `batches` at its login, takes several messages in one frame. */
export const takesSeveral = ({ form, batches }: { form: Form; batches?: boolean }): boolean =>
  batches === true && form !== 'text';

/**
 * Messages of a chat as pushes for clients that take several in one frame, in order.
 * @returns the frames, and how many messages each has
 */
export function writePushes(messages: readonly WireMessage[]): { frame: string; messages: number }[] {
  const frames: { frame: string; messages: number }[] = [];
  for (let at = 0; at < messages.length; at += frames.at(-1)?.messages ?? 1) {
    const some = fitting(messages.slice(at), AROUND, sizeOf);
    const [first] = some;
    const type = 'MESSAGES' satisfies keyof typeof pushes;
    const frame =
      some.length === 1 && first ? writePush(first, 'json') : JSON.stringify({ type, messages: some });
    frames.push({ frame, messages: some.length });
  }
  return frames;
}

function typeOf(message: WireMessage): keyof typeof pushes {
  if (message.edits !== undefined) return 'MESSAGE_EDITED';
  if (message.deletes !== undefined) return 'MESSAGE_DELETED';
  return 'group_id' in message ? 'RECEIVE_GROUP_MESSAGE' : 'RECEIVE_MESSAGE';
}

/** A page of what was pending at a login and did not fit into its reply. */
export const writePending = (messages: readonly WireMessage[], more: boolean): string =>
  JSON.stringify({ type: 'pending_messages', messages, more });

/** An event as a push to one connection. @param where what its reader calls the chat: the partner's or group's name */
export const writeEvent = (event: ChatEvent, form: Form, where: string): string =>
  form === 'text' ? eventLine(event, where) : JSON.stringify(event);

/** That the session of a connection has ended, as the last push to it. */
export const writeEnding = (code: Ending, form: Form): string =>
  form === 'text'
    ? `session_ended ${endings[code]}`
    : JSON.stringify({ type: 'SESSION_ENDED', code, reason: endings[code] });
