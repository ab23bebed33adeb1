import type { ChatSummary, Message } from './types.ts';

/** How far a chat has been read, as kept by whoever shows it. */
export interface Reading {
  lastSeq: number;
  /** Up to which entry the user has read it. */
  read: number;
  /** Messages of others behind that, or at least so many. */
  unread: number;
}

/** Of a chat that has no message yet. */
export const nothingRead: Reading = { lastSeq: 0, read: 0, unread: 0 };

/** After `list_chats`, whose counts hold unless this client is further on already. */
export function afterSummary(
  known: Reading | undefined,
  { last_seq, read, unread }: Pick<ChatSummary, 'last_seq' | 'read' | 'unread'>,
): Reading {
  if (known === undefined || (known.lastSeq <= last_seq && known.read <= read))
    return { lastSeq: last_seq, read, unread };
  return {
    lastSeq: Math.max(known.lastSeq, last_seq),
    read: Math.max(known.read, read),
    unread: known.read >= last_seq ? known.unread : Math.min(known.unread, unread + known.lastSeq - last_seq),
  };
}

/** After a message was told, or a change of one. What one writes oneself, perhaps long ago, makes nothing read. */
export function afterMessage<R extends Reading>(
  known: R,
  { seq, sender, edits, deletes }: Pick<Message, 'seq' | 'sender' | 'edits' | 'deletes'>,
  me: string,
): R {
  if (seq <= known.lastSeq) return known;
  const isTheirs = sender !== me && seq > known.read;
  const isMessage = edits === undefined && deletes === undefined;
  const isTakenBack = deletes !== undefined && deletes > known.read;
  const change = isTheirs ? Number(isMessage) - Number(isTakenBack) : 0;
  return { ...known, lastSeq: seq, unread: Math.max(0, known.unread + change) };
}

/** After the user has read up to a seq, here or on another device. */
export function afterRead<R extends Reading>(known: R, seq: number): R {
  if (seq < known.read) return known;
  return { ...known, read: seq, unread: Math.min(known.unread, Math.max(0, known.lastSeq - seq)) };
}
