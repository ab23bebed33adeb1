import type { ChatSummary, Message } from './types.ts';

/** How far a chat has been read, for the app that shows it. */
export interface Reading {
  lastSeq: number;
  /** The last seq that the user has read. */
  read: number;
  /** Unread messages of others; a lower bound. */
  unread: number;
}

/** The start of a chat without messages. */
export const nothingRead: Reading = { lastSeq: 0, read: 0, unread: 0 };

/** Applies `list_chats`, unless this client has already read further. */
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
  return { ...known, lastSeq: seq, unread: Math.max(0, known.unread + change) };
}

/** Applies that the user read up to a seq, on this or another device. */
export function afterRead<R extends Reading>(known: R, seq: number): R {
  if (seq < known.read) return known;
  return { ...known, read: seq, unread: Math.min(known.unread, Math.max(0, known.lastSeq - seq)) };
}
