import { groupOf, limits, peerOf } from '../../protocol/index.ts';
import { isChange, isDeleted, readBy } from '../entries.ts';
import type { LogEntry, Member } from '../model.ts';
import type { History } from '../ports.ts';
import { countedSince, type Since } from './counts.ts';

/** The number of unread messages of others in a chat. */
export interface Unread {
  /** Exact, or a lower bound with `unread_more`. */
  unread: number;
  /** Older entries were not read, so there may be more. */
  unread_more?: true;
}

/** A user's chat, with the entries that have been read. */
export interface Seen {
  row: Member;
  /** Its newest entries, oldest first. */
  newest: readonly LogEntry[];
  /** Of a private chat: the last entry that the user has read, or the first entry of the chat. */
  read?: LogEntry;
  /** Of a private chat: the partner was erased, and their messages with them. */
  isErased?: boolean;
}

/**
 * Whether `Seen.read` is needed to count the unread messages: its counts, and that it has not expired, which proves that
 * no later entry has.
 */
export const needsRead = ({ row, newest, isErased }: Seen): boolean =>
  groupOf(row.chat) === undefined && isBehind(row, newest.at(-1)) && mayBeOthers(row, newest) && !isErased;

/** Whether others may have written: to a chat with oneself only the system, which its counts tell. */
const mayBeOthers = ({ chat, username }: Member, newest: readonly LogEntry[]): boolean =>
  peerOf(chat, username) !== username || (newest.at(-1)?.counts?.[1] ?? 0) > 0;

const isBehind = (row: Member, last: LogEntry | undefined): last is LogEntry =>
  last !== undefined && !last.expired && last.seq > readBy(row);

/**
 * Counts the messages of others after the read mark, without edits and without deleted or expired messages. In a
 * private chat it subtracts the counts of two entries; if they don't suffice, it reads the newest `limits.unreadLook`
 * entries, eventually consistent.
 */
export async function unreadIn(history: History, seen: Seen): Promise<Unread> {
  const { row, newest, read, isErased } = seen;
  const last = newest.at(-1);
  if (!isBehind(row, last)) return { unread: 0 };
  if (groupOf(row.chat) !== undefined) return countEntries(history, seen);
  // An erasure deletes texts without appending entries, so the counts don't show it.
  if (!mayBeOthers(row, newest) || isErased) return { unread: 0 };
  const since =
    read === undefined || read.expired
      ? undefined
      : countedSince(readBy(row) === 0 ? undefined : read, last, row.username);
  if (since === undefined) return countEntries(history, seen);
  if (since.messages === 0 || since.deletions === 0) return { unread: since.messages };
  return withoutDeleted(since, await entriesBehind(history, seen), readBy(row), row.username);
}

/**
 * Subtracts deleted messages from the count. Each deletion that was not read may have deleted one of the partner's
 * messages that were not read.
 */
function withoutDeleted(since: Since, entries: readonly LogEntry[], read: number, reader: string): Unread {
  const theirs = entries.filter((entry) => entry.sender !== reader && !isChange(entry));
  const deletions = entries.filter(({ deletes }) => deletes !== undefined);
  const oldest = entries[0]?.seq ?? read + 1;
  const before = deletions.filter(
    ({ sender, deletes = 0 }) => sender !== reader && deletes > read && deletes < oldest,
  );
  const goneBefore = new Set(before.map(({ deletes }) => deletes)).size;
  const most = since.messages - theirs.filter(isDeleted).length - goneBefore;
  const mayBeGone = Math.min(since.messages - theirs.length - goneBefore, since.deletions - deletions.length);
  return mayBeGone > 0 ? { unread: most - mayBeGone, unread_more: true } : { unread: Math.max(0, most) };
}

/** Counts the unread messages among the newest entries. */
async function countEntries(history: History, seen: Seen): Promise<Unread> {
  const { row } = seen;
  const entries = await entriesBehind(history, seen);
  const isUnread = (entry: LogEntry) =>
    entry.sender !== row.username &&
    entry.generation === row.generation &&
    !isChange(entry) &&
    !isDeleted(entry) &&
    !entry.expired;
  const unread = entries.filter(isUnread).length;
  const [oldest] = entries;
  const isAll =
    oldest === undefined || oldest.seq <= readBy(row) + 1 || entries.some(({ expired }) => expired);
  return isAll ? { unread } : { unread, unread_more: true };
}

/** The newest unread entries; reads only those that are not in `newest`. */
async function entriesBehind(history: History, { row, newest }: Seen): Promise<LogEntry[]> {
  const read = readBy(row);
  const known = newest.filter(({ seq }) => seq > read);
  const limit = limits.unreadLook - known.length;
  const upTo = (known[0]?.seq ?? 0) - 1;
  if (limit <= 0 || upTo <= read || known.some(({ expired }) => expired)) return known;
  const more = await history.behind(row.chat, read, limit, { upTo, consistency: 'eventual' });
  return [...more, ...known];
}
