import type { Message } from '../../sdk/chat.ts';
import { indexAfter } from '../../view/log.ts';
import { isBy } from '../../view/sender.ts';
import type { Sent } from '../../view/view.ts';
import { mostLines, type Room } from './text.ts';

/** What the list shows: messages, then what is not stored yet. */
export interface Lines {
  messages: readonly Message[];
  sendings: readonly Sent[];
  me: string;
  room: Room;
}

// Pixels.
const LINE = 22;

/** The room for a message in a list of this size, in pixels (style.css). One that is cut and its button fit into the list. */
export const roomIn = (width: number, height: number): Room => ({
  columns: Math.max(20, Math.floor((Math.min(620, width - (width < 700 ? 68 : 136)) - 26) / 7.2)),
  lines: Math.max(8, Math.min(30, Math.floor((height * 0.6) / LINE))),
});

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
export function guessOf({ messages, sendings, room }: Lines, index: number): number {
  const content = (messages[index] ?? sendings[index - messages.length])?.content ?? '';
  const { columns } = room;
  const most = mostLines(room);
  const lines = content.slice(0, columns * (most + 1)).split('\n', most + 1);
  const count = lines.reduce((sum, { length }) => sum + Math.ceil((length + 1) / columns), 0);
  // What is longer is cut, and has a button.
  return 36 + LINE * (count > most ? room.lines + 2 : count);
}
