import { groupOf, usersOf } from '../../protocol/index.ts';
import { type Counts, type LogEntry, SYSTEM } from '../model.ts';

/** The counts before the first entry. */
const NOTHING: Counts = [0, 0, 0];

/**
 * The counts of an entry, from the entry before it. The appender has read that one, so counting needs no call, and no
 * counter outside the log can drift from it.
 * @param before undefined for the first entry of a chat
 * @returns undefined in a group, where the counts would grow with its members
 */
export function countsAfter(
  before: LogEntry | undefined,
  { chat, sender, edits, deletes }: Pick<LogEntry, 'chat' | 'sender' | 'edits' | 'deletes'>,
): Counts | undefined {
  const counts = before === undefined ? NOTHING : before.counts;
  if (groupOf(chat) !== undefined || counts === undefined) return undefined;
  const [byFirst, bySecond, deletions] = counts;
  if (edits !== undefined) return counts;
  if (deletes !== undefined) return [byFirst, bySecond, deletions + 1];
  if (sender === SYSTEM) return [byFirst + 1, bySecond + 1, deletions];
  return isFirst(chat, sender) ? [byFirst + 1, bySecond, deletions] : [byFirst, bySecond + 1, deletions];
}

/** The number of one user's messages and the system's, and of all deletions, after an entry. */
export interface Since {
  messages: number;
  deletions: number;
}

/**
 * Counts what came after one entry, up to and with another. In a chat with oneself, what one has sent counts as the first
 * user's, so the second's are the system's.
 * @param reader whose messages don't count
 * @param after undefined to count from the beginning
 * @returns undefined if the entries have no counts
 */
export function countedSince(
  after: LogEntry | undefined,
  { chat, counts }: LogEntry,
  reader: string,
): Since | undefined {
  const from = after === undefined ? NOTHING : after.counts;
  if (from === undefined || counts === undefined) return undefined;
  const index = isFirst(chat, reader) ? 1 : 0;
  return { messages: counts[index] - from[index], deletions: counts[2] - from[2] };
}

const isFirst = (chat: string, username: string): boolean => usersOf(chat)[0] === username;
