import { groupOf, peerOf, SYSTEM_NAME, type WireMessage } from '../protocol/index.ts';
import { type LogEntry, type Member, type Millis, SYSTEM } from './model.ts';

/** A member's read mark. Entries before they joined count as read. */
export const readBy = ({ read, since }: Member): number => read ?? since - 1;

/** The first seq that a member may read. Earlier entries belong to an earlier group with the same name. */
export const firstFor = ({ first = 1 }: Pick<Member, 'first'>): number => first;

/**
 * An entry as members of a generation may see it. An entry of another generation, such as a message in flight during a
 * takeover, keeps its seq but shows as deleted.
 */
export function seenIn(generation: number | undefined, entry: LogEntry): LogEntry {
  if (entry.generation === generation) return entry;
  const { chat, seq, id, sender, at, expired } = entry;
  const nothing = { content: '', changed: { kind: 'deleted', at } } as const;
  return { chat, seq, id, sender, at, ...nothing, ...(expired && { expired }) };
}

/** Whether an entry is an edit or a deletion. */
export const isChange = ({ edits, deletes }: Pick<LogEntry, 'edits' | 'deletes'>): boolean =>
  edits !== undefined || deletes !== undefined;

export const isDeleted = ({ changed }: Pick<LogEntry, 'changed'>): boolean => changed?.kind === 'deleted';

/** Entries of a chat, at least one. */
export type Entries = readonly [LogEntry, ...LogEntry[]];

export const isSome = (entries: readonly LogEntry[]): entries is Entries => entries.length > 0;

/** A time in the wire format. */
export const timestamp = (at: Millis): string => new Date(at).toISOString();

/** The sender in the wire format. */
export const senderOf = ({ sender }: Pick<LogEntry, 'sender'>): { sender: string; system?: true } =>
  sender === SYSTEM ? { sender: SYSTEM_NAME, system: true } : { sender };

/** A log entry in the wire format for `viewer`. Only the sender's own copies carry their key. */
export function toWire(entry: LogEntry, viewer: string): WireMessage {
  const group = groupOf(entry.chat);
  const by = senderOf(entry);
  return {
    message_id: entry.id,
    chat_id: entry.chat,
    seq: entry.seq,
    ...(group === undefined
      ? { recipient: by.system ? viewer : peerOf(entry.chat, entry.sender) }
      : { groupname: group, group_id: group }),
    ...by,
    content: entry.content,
    timestamp: timestamp(entry.at),
    ...(entry.changed && { [entry.changed.kind]: timestamp(entry.changed.at) }),
    ...(entry.edits !== undefined && { edits: entry.edits }),
    ...(entry.deletes !== undefined && { deletes: entry.deletes }),
    ...(entry.key !== undefined && entry.sender === viewer && { client_message_id: entry.key }),
  } as WireMessage;
}
