import { limits } from '../../protocol/index.ts';
import { groupOf, peerOf } from '../chat-id.ts';
import { isChange, isDeleted, readBy } from '../entries.ts';
import type { LogEntry, Member } from '../model.ts';
import type { History } from '../ports.ts';
import { countedSince, type Since } from './counts.ts';

/** New messages of others in a chat. */
export interface Unread {
  /** At least so many; exactly so many without `unread_more`. */
  unread: number;
  /** There may be more: no further back was looked. */
  unread_more?: true;
}

/** A chat of the user whose row it is, as far as it has been read from the log. */
export interface Seen {
  row: Member;
  /** Its newest entries, oldest first; none if it has none. */
  newest: readonly LogEntry[];
  /** Of a private chat: the entry up to which the user has read, the first one if that is none. */
  read?: LogEntry;
  /** Of a private chat: the partner was erased, and their messages with them. */
  isErased?: boolean;
}

/**
 * Whether the entry at which a private chat was read, or the first, says how many are unread: it holds counts, and that
 * it is shown still says that all behind it is.
 */
export const needsRead = ({ row, newest, isErased }: Seen): boolean =>
  groupOf(row.chat) === undefined &&
  isBehind(row, newest.at(-1)) &&
  peerOf(row.chat, row.username) !== row.username &&
  !isErased;

const isBehind = (row: Member, last: LogEntry | undefined): last is LogEntry =>
  last !== undefined && !last.expired && last.seq > readBy(row);

/**
 * How many messages of others came behind what the user has read: no changes, nothing that was deleted, nothing that
 * has expired. In a private chat the difference of two entries' counts; where that doesn't tell, the newest
 * `limits.unreadLook` entries are looked at, eventually consistent.
 */
export async function unreadIn(history: History, seen: Seen): Promise<Unread> {
  const { row, newest, read, isErased } = seen;
  const last = newest.at(-1);
  if (!isBehind(row, last)) return { unread: 0 };
  const partner = peerOf(row.chat, row.username);
  if (groupOf(row.chat) !== undefined) return look(history, seen);
  // An erasure leaves no entry that counts would tell of.
  if (partner === row.username || isErased) return { unread: 0 };
  const since =
    read === undefined || read.expired
      ? undefined
      : countedSince(readBy(row) === 0 ? undefined : read, last, partner);
  if (since === undefined) return look(history, seen);
  if (since.messages === 0 || since.deletions === 0) return { unread: since.messages };
  return withoutDeleted(since, await entriesBehind(history, seen), readBy(row), partner);
}

/**
 * Of what was counted, what was deleted is no more. Of the partner's messages that were not looked at, as many may be
 * deleted as there are deletions that were not looked at either.
 */
function withoutDeleted(since: Since, entries: readonly LogEntry[], read: number, partner: string): Unread {
  const theirs = entries.filter((entry) => entry.sender === partner && !isChange(entry));
  const deletions = entries.filter(({ deletes }) => deletes !== undefined);
  const oldest = entries[0]?.seq ?? read + 1;
  const before = deletions.filter(
    ({ sender, deletes = 0 }) => sender === partner && deletes > read && deletes < oldest,
  );
  const goneBefore = new Set(before.map(({ deletes }) => deletes)).size;
  const most = since.messages - theirs.filter(isDeleted).length - goneBefore;
  const mayBeGone = Math.min(since.messages - theirs.length - goneBefore, since.deletions - deletions.length);
  return mayBeGone > 0 ? { unread: most - mayBeGone, unread_more: true } : { unread: Math.max(0, most) };
}

/** Counts what is there. */
async function look(history: History, seen: Seen): Promise<Unread> {
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

/** The newest of what the user has not read; the log is read on from what is known already. */
async function entriesBehind(history: History, { row, newest }: Seen): Promise<LogEntry[]> {
  const read = readBy(row);
  const known = newest.filter(({ seq }) => seq > read);
  const limit = limits.unreadLook - known.length;
  const upTo = (known[0]?.seq ?? 0) - 1;
  if (limit <= 0 || upTo <= read || known.some(({ expired }) => expired)) return known;
  const more = await history.behind(row.chat, read, limit, { upTo, consistency: 'eventual' });
  return [...more, ...known];
}
