import type { ChatSummary, Message } from './types.ts';

/** How far a chat has been read, for the app that shows it. */
export interface Reading {
  lastSeq: number;
  /** The last seq that the user has read. */
  read: number;
  /** Unread messages of others, at least. */
  unread: number;
  /** Whether there may be more of them than the service has counted. */
  moreUnread: boolean;
}

/** The start of a chat without messages. */
export const nothingRead: Reading = { lastSeq: 0, read: 0, unread: 0, moreUnread: false };

/** Whether nothing of a chat is unread. Where the service has counted its newest entries alone, a 0 doesn't say so. */
export const isAllRead = ({ unread, moreUnread }: Pick<Reading, 'unread' | 'moreUnread'>): boolean =>
  unread === 0 && !moreUnread;

type Summary = Pick<ChatSummary, 'last_seq' | 'read' | 'unread' | 'unread_more'>;

/** Applies `list_chats`, unless this client has already read or counted further. */
export function afterSummary(known: Reading | undefined, summary: Summary): Reading {
  const { last_seq, read, unread } = summary;
  const moreUnread = summary.unread_more === true;
  if (known === undefined || (known.lastSeq <= last_seq && known.read < read))
    return { lastSeq: last_seq, read, unread, moreUnread };
  if (known.lastSeq <= last_seq && known.read === read) {
    // The service looks at the newest entries only. What came while this client was there, it has counted itself.
    const isCounted = moreUnread && known.unread >= unread;
    if (!isCounted) return { lastSeq: last_seq, read, unread, moreUnread };
    return { ...known, lastSeq: last_seq, moreUnread: known.moreUnread || known.lastSeq < last_seq };
  }
  const isAhead = known.read >= last_seq;
  const most = unread + known.lastSeq - last_seq;
  // What this client has not counted, the service may have.
  const least = known.moreUnread && known.read <= read ? Math.max(known.unread, unread) : known.unread;
  return {
    lastSeq: Math.max(known.lastSeq, last_seq),
    read: Math.max(known.read, read),
    unread: isAhead ? known.unread : Math.min(least, most),
    // Else one of both has counted all.
    moreUnread: known.moreUnread && (isAhead || moreUnread || least < most),
  };
}

/** Applies a delivered message or change. The user's own messages don't mark the chat as read: they may be old. */
export function afterMessage<R extends Reading>(
  known: R,
  { seq, sender, system, edits, deletes }: Pick<Message, 'seq' | 'sender' | 'system' | 'edits' | 'deletes'>,
  me: string,
): R {
  if (seq <= known.lastSeq) return known;
  const isTheirs = (system || sender !== me) && seq > known.read;
  const isMessage = edits === undefined && deletes === undefined;
  const isTakenBack = deletes !== undefined && deletes > known.read;
  const change = isTheirs ? Number(isMessage) - Number(isTakenBack) : 0;
  // Of a chat that begins with a later message, as before the chats are listed, nobody has counted what is before it.
  const moreUnread = known.moreUnread || (known.lastSeq === 0 && seq > 1);
  return { ...known, lastSeq: seq, unread: Math.max(0, known.unread + change), moreUnread };
}

/** Applies that the user read up to a seq, on this or another device. */
export function afterRead<R extends Reading>(known: R, seq: number): R {
  if (seq < known.read) return known;
  const most = Math.max(0, known.lastSeq - seq);
  return {
    ...known,
    read: seq,
    unread: Math.min(known.unread, most),
    moreUnread: known.moreUnread && most > known.unread,
  };
}
