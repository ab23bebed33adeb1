import type { WireMessage } from '../../protocol/index.ts';
import { seenIn, toWire } from '../entries.ts';
import { withTexts } from '../history/edit-texts.ts';
import type { LogEntry } from '../model.ts';
import type { History } from '../ports.ts';

/** A chat, and the first seq to deliver. */
export interface LogStart {
  chat: string;
  start: number;
  /** The generation of the group that the reader is in. */
  generation?: number;
}

/** How many entries to read at a time; absent, a query page (1 MB). */
export interface ReadAhead {
  /** In the first read of each chat; several chats are read in parallel. */
  first: number;
  /** In further reads of a chat. */
  rest(): number;
}

// Chats that are read in parallel.
const PARALLEL = 8;

/**
 * All entries of the chats from their starts on, as the reader may see them, in the given order of chats, oldest first
 * within each.
 */
export async function* entriesFrom<O extends LogStart>(
  history: History,
  starts: readonly O[],
  ahead?: ReadAhead,
): AsyncGenerator<{ of: O; entry: LogEntry }> {
  for (let index = 0; index < starts.length; index += PARALLEL) {
    const batch = starts.slice(index, index + PARALLEL);
    const first = await Promise.all(batch.map(({ chat, start }) => history.from(chat, start, ahead?.first)));
    for (const [position, of] of batch.entries()) {
      for (let page = first[position]; page; ) {
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
  starts: readonly LogStart[],
): AsyncGenerator<WireMessage> {
  for await (const { entry } of entriesFrom(history, starts)) if (!entry.expired) yield toWire(entry, viewer);
}
