import type { WireMessage } from '../../protocol/index.ts';
import { seenIn, toWire } from '../entries.ts';
import { withTexts } from '../history/edit-texts.ts';
import type { LogEntry } from '../model.ts';
import type { History } from '../ports.ts';

/** A chat, and the first seq of it that is to be handed over. */
export interface LogStart {
  chat: string;
  start: number;
  /** The group's generation that the reader is a member of. */
  generation?: number;
}

/** How many entries to read at a time; absent, as many as the database gives. */
export interface ReadAhead {
  /** Of each chat at first, and of several chats at once. */
  first: number;
  /** Of a chat that has more. */
  rest(): number;
}

// How many chats are asked for at once.
const WIDTH = 8;

/**
 * All entries of the chats from their starts on, as they may be handed out, chat by chat in the order given, oldest first
 * within each.
 */
export async function* entriesFrom<O extends LogStart>(
  history: History,
  owed: readonly O[],
  ahead?: ReadAhead,
): AsyncGenerator<{ of: O; entry: LogEntry }> {
  for (let index = 0; index < owed.length; index += WIDTH) {
    const some = owed.slice(index, index + WIDTH);
    const first = await Promise.all(some.map(({ chat, start }) => history.from(chat, start, ahead?.first)));
    for (const [place, of] of some.entries()) {
      for (let page = first[place]; page; ) {
        const seen = page.entries.map((entry) => seenIn(of.generation, entry));
        for await (const entry of withTexts(history, seen)) yield { of, entry };
        const last = page.entries.at(-1);
        page = page.more && last ? await history.from(of.chat, last.seq + 1, ahead?.rest()) : undefined;
      }
    }
  }
}

/** All messages of the chats from their starts on, as `viewer` sees them, in the same order. */
export async function* messagesFrom(
  history: History,
  viewer: string,
  owed: readonly LogStart[],
): AsyncGenerator<WireMessage> {
  for await (const { entry } of entriesFrom(history, owed)) if (!entry.expired) yield toWire(entry, viewer);
}
