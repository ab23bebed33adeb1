import type { Message } from '../../sdk/chat.ts';
import { indexAfter } from '../../view/log.ts';
import { isBy } from '../../view/sender.ts';
import type { Sent } from '../../view/view.ts';
import { CUT_LINES, MOST_LINES } from './text.ts';

/** What the list shows: messages, then what is not stored yet. */
export interface Lines {
  messages: readonly Message[];
  sendings: readonly Sent[];
  me: string;
  /** About how many characters a line has. */
  columns: number;
}

/** About how many characters fit beside each other into a message. @param width of the list, in pixels (style.css) */
export const columnsIn = (width: number): number =>
  Math.max(20, Math.floor((Math.min(620, width - (width < 700 ? 68 : 136)) - 26) / 7.2));

/** The key of a line, the same before and after its message is stored. */
export function keyOf({ messages, sendings, me }: Lines, index: number): string {
  const message = messages[index];
  if (!message) return `c${sendings[index - messages.length]?.id}`;
  const { client_message_id: id, seq } = message;
  return isBy(message, me) && id !== undefined ? `c${id}` : `${seq}`;
}

/** The seq of a line's message, or the id of one that is not stored yet. */
export const idOf = ({ messages, sendings }: Lines, index: number): number | string | undefined =>
  messages[index]?.seq ?? sendings[index - messages.length]?.id;

/** The index of a line by that; -1 if there is none. */
export function indexOf({ messages, sendings }: Lines, id: number | string | undefined): number {
  if (typeof id === 'number') {
    const index = indexAfter(messages, id) - 1;
    return messages[index]?.seq === id ? index : -1;
  }
  const index = sendings.findIndex((each) => each.id === id);
  return index < 0 ? -1 : messages.length + index;
}

/** About how high a message is that was not drawn yet, in pixels. */
export function guessOf({ messages, sendings, columns }: Lines, index: number): number {
  const content = (messages[index] ?? sendings[index - messages.length])?.content ?? '';
  const lines = content.slice(0, columns * (MOST_LINES + 1)).split('\n', MOST_LINES + 1);
  const count = lines.reduce((sum, { length }) => sum + Math.ceil((length + 1) / columns), 0);
  // What is longer is cut, and has a button.
  return 36 + (count > MOST_LINES ? 22 * CUT_LINES + 40 : 22 * count);
}
