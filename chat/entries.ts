import type { WireMessage } from '../protocol/index.ts';
import { groupOf, peerOf } from './chat-id.ts';
import type { LogEntry, Member, Millis } from './model.ts';

/** Up to where a member has read a chat: what was said before they came counts as read. */
export const readBy = ({ read, since }: Member): number => read ?? since - 1;

/** The first seq of a chat that a member may read: what is before it was another group's, under the same name. */
export const firstFor = ({ first = 1 }: Pick<Member, 'first'>): number => first;

/**
 * An entry as members of a group's generation may see it. What comes from another one, like a message that was under
 * way when the name was taken anew, keeps its place in the log, and nothing of what it says.
 */
export function seenIn(generation: number | undefined, entry: LogEntry): LogEntry {
  if (entry.generation === generation) return entry;
  const { chat, seq, id, sender, at, expired } = entry;
  const nothing = { content: '', changed: { kind: 'deleted', at } } as const;
  return { chat, seq, id, sender, at, ...nothing, ...(expired && { expired }) };
}

/** Whether an entry is no message: it tells that one has another text, or is deleted. */
export const isChange = ({ edits, deletes }: Pick<LogEntry, 'edits' | 'deletes'>): boolean =>
  edits !== undefined || deletes !== undefined;

export const isDeleted = ({ changed }: Pick<LogEntry, 'changed'>): boolean => changed?.kind === 'deleted';

/** A time as the wire writes it. */
export const timestamp = (at: Millis): string => new Date(at).toISOString();

/** A log entry as `viewer` may see it: the sender's own copies carry the key that the sender gave. */
export function toWire(entry: LogEntry, viewer: string): WireMessage {
  const group = groupOf(entry.chat);
  return {
    message_id: entry.id,
    chat_id: entry.chat,
    seq: entry.seq,
    ...(group === undefined
      ? { recipient: peerOf(entry.chat, entry.sender) }
      : { groupname: group, group_id: group }),
    sender: entry.sender,
    content: entry.content,
    timestamp: timestamp(entry.at),
    ...(entry.changed && { [entry.changed.kind]: timestamp(entry.changed.at) }),
    ...(entry.edits !== undefined && { edits: entry.edits }),
    ...(entry.deletes !== undefined && { deletes: entry.deletes }),
    ...(entry.key !== undefined && entry.sender === viewer && { client_message_id: entry.key }),
  } as WireMessage;
}
