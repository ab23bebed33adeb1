import type { BusEvent } from '../protocol/index.ts';
import { senderOf, timestamp } from './entries.ts';
import type { LogEntry, Millis } from './model.ts';

// What a backend is told of messages (docs/events.md).

export const createdEvent = ({ chat, seq, sender, id, content, at, key }: LogEntry): BusEvent => ({
  type: 'message.created',
  id: `message.created ${chat} ${seq}`,
  chat_id: chat,
  seq,
  ...senderOf({ sender }),
  message_id: id,
  content,
  ...(key !== undefined && { client_message_id: key }),
  timestamp: timestamp(at),
});

/** The latest edit of a message. */
export function editedEvent(
  { chat, seq, sender, id, content, editIds = [] }: LogEntry,
  at: Millis,
): BusEvent {
  const revision = editIds.length;
  return {
    type: 'message.edited',
    id: `message.edited ${chat} ${seq} ${revision}`,
    chat_id: chat,
    seq,
    ...senderOf({ sender }),
    message_id: id,
    revision,
    content,
    timestamp: timestamp(at),
  };
}

/**
 * A deletion's entry and the erased text may tell of one deletion, and say the same of it. Two at once have a time each.
 * @param seq of the deleted message
 */
export const deletedEvent = ({ chat, sender }: LogEntry, seq: number, at: Millis): BusEvent => ({
  type: 'message.deleted',
  id: `message.deleted ${chat} ${seq} ${at}`,
  chat_id: chat,
  seq,
  ...senderOf({ sender }),
  timestamp: timestamp(at),
});
