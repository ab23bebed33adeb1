import type { WireMessage } from '../protocol/index.ts';
import { seenIn, toWire } from './chats.ts';
import type { History } from './ports.ts';
import { withTexts } from './texts.ts';

/** A chat, and the first seq of it that is to be handed over. */
export interface Owed {
  chat: string;
  start: number;
  /** The group's generation that the reader is a member of. */
  generation?: number;
}

// How many chats are asked for at once.
const WIDTH = 8;

/**
 * All messages of the chats from their starts on, as `viewer` sees them, oldest first within each chat.
 * @param ahead how many entries to read at a time; absent, as many as the database gives
 */
export async function* messagesFrom(
  history: History,
  viewer: string,
  owed: readonly Owed[],
  ahead?: number,
): AsyncGenerator<WireMessage> {
  for (let index = 0; index < owed.length; index += WIDTH) {
    const some = owed.slice(index, index + WIDTH);
    const first = await Promise.all(some.map(({ chat, start }) => history.from(chat, start, ahead)));
    for (const [place, { chat, generation }] of some.entries()) {
      for (let page = first[place]; page; ) {
        const shown = page.entries.filter(({ expired }) => !expired);
        const seen = shown.map((entry) => seenIn(generation, entry));
        for (const entry of await withTexts(history, seen)) yield toWire(entry, viewer);
        const last = page.entries.at(-1);
        page = page.more && last ? await history.from(chat, last.seq + 1, ahead) : undefined;
      }
    }
  }
}
