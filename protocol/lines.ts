import { peerOf } from './chat-id.ts';
import type { ChatEvent } from './events.ts';
import type { WireMessage } from './messages.ts';

/**
 * Content as one line of text. Control characters are shown, not sent: a line break could forge another
 * line of history, an escape sequence could drive the reader's terminal, and a bidirectional control could show
 * a name or a time in another place than its own.
 */
export const oneLine = (content: string): string =>
  content.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) =>
    char === '\n' ? '\\n' : char === '\t' ? '\t' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * A push in the text grammar: `receive SENDER MESSAGE TIMESTAMP`, or `receive GROUP SENDER: MESSAGE TIMESTAMP`; a change
 * is `edited …` in the same form, or `deleted` without a message. The system's in a private chat says whose chat with its
 * reader that is: `receive «system» USER: MESSAGE TIMESTAMP`. The quotes come first, or that user could write such a line.
 */
export function receiveLine(message: WireMessage): string {
  const { timestamp, edits, deletes } = message;
  const sender = calledIn(message);
  const where = 'group_id' in message ? `${message.group_id} ${sender}` : `${sender}${chatIn(message)}`;
  if (deletes !== undefined) return `deleted ${where} ${timestamp}`;
  const from = where === sender ? sender : `${where}:`;
  return `${edits === undefined ? 'receive' : 'edited'} ${from} ${textOf(message)} ${timestamp}`;
}

/** A message in the text form of history: `TIMESTAMP SENDER MESSAGE`, and whether it was changed. */
export function historyLine(message: WireMessage): string {
  const { timestamp, edited, deleted } = message;
  const wasEdited = edited !== undefined && deleted === undefined;
  return `${timestamp} ${calledIn(message)} ${textOf(message)}${wasEdited ? ' (edited)' : ''}`;
}

/** The word for a message's sender. A line has no field that tells the system from a user of that name; no id has these quotes. */
const calledIn = ({ sender, system }: WireMessage): string => (system ? `«${sender}»` : sender);

/** The other user of a private chat that the system writes to; it is in none. */
const chatIn = ({ system, chat_id, ...rest }: WireMessage): string =>
  system && 'recipient' in rest ? ` ${peerOf(chat_id, rest.recipient)}` : '';

/** A message's content as one line. A deleted message has none, but keeps its place. */
const textOf = ({ content, deleted }: WireMessage): string =>
  deleted === undefined ? oneLine(content) : '(deleted)';

/**
 * An event in the text grammar: its type, where it happened, and its other fields in their order.
 * @param where what its reader calls the chat
 */
export function eventLine({ type, ...fields }: ChatEvent, where: string): string {
  const others = Object.entries(fields).filter(([field]) => field !== 'chat_id' && field !== 'group_id');
  return [type.toLowerCase(), where, ...others.map(([, value]) => oneLine(String(value)))].join(' ');
}

/** Fields of a user or group in the text grammar, a line each: `ID FIELD VALUE`. Absent ones have none. */
export const fieldLines = (id: string, fields: object): string[] =>
  Object.entries(fields).flatMap(([field, value]) =>
    value === undefined
      ? []
      : [`${id} ${field} ${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`],
  );
