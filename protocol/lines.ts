import type { ChatEvent } from './events.ts';
import type { WireMessage } from './messages.ts';

/**
 * Content as one line of text. Control characters are shown, not sent: a line break could forge another
 * line of history, and an escape sequence could drive the reader's terminal.
 */
const oneLine = (content: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
  content.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (char) =>
    char === '\n' ? '\\n' : char === '\t' ? '\t' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A push in the text grammar: `receive SENDER MESSAGE TIMESTAMP`, or `receive GROUP SENDER: MESSAGE TIMESTAMP`. */
export function receiveLine(message: WireMessage): string {
  const from = 'group_id' in message ? `${message.group_id} ${message.sender}:` : message.sender;
  return `receive ${from} ${oneLine(message.content)} ${message.timestamp}`;
}

/** A message in the text form of history: `TIMESTAMP SENDER MESSAGE`. */
export const historyLine = (message: WireMessage): string =>
  `${message.timestamp} ${message.sender} ${oneLine(message.content)}`;

/** An event in the text grammar. @param where what its reader calls the chat */
export function eventLine(event: ChatEvent, where: string): string {
  switch (event.type) {
    case 'READ':
      return `read ${where} ${event.username} ${event.seq}`;
    case 'TYPING':
      return `typing ${where} ${event.username}`;
    case 'INVITED':
      return `invited ${where} ${event.by}`;
    case 'REMOVED':
      return `removed ${where} ${event.by}`;
  }
}
