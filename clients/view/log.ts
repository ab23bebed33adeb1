import { changedBy, targetOf } from '../sdk/changes.ts';
import type { Message } from '../sdk/chat.ts';

/** The current messages of one chat, with edits and deletions applied. */
export interface Log {
  /** Ordered by `seq`. */
  readonly messages: readonly Message[];
  /** The last change of each message, by the message's `seq`. It may arrive before the message. */
  readonly changes: ReadonlyMap<number, Message>;
  /** Whether the first message is the beginning of the chat. */
  readonly isWhole: boolean;
  /** The seq of the first known entry, including changes. */
  readonly first?: number;
}

export const emptyLog: Log = { messages: [], changes: new Map(), isWhole: false };

/** Adds an entry. An entry that is known already stays as it is. */
export function withEntry(log: Log, entry: Message): Log {
  const first = Math.min(entry.seq, log.first ?? entry.seq);
  const target = targetOf(entry);
  if (target === undefined) return { ...log, first, messages: inserted(log, entry) };
  const known = log.changes.get(target);
  // A deletion is final, in whatever order changes arrive.
  const isOld = known !== undefined && entry.deletes === undefined && known.seq >= entry.seq;
  if (known?.deletes !== undefined || isOld) return { ...log, first };
  const messages = log.messages.map((each) => (each.seq === target ? changedBy(each, entry) : each));
  return { ...log, first, messages, changes: new Map(log.changes).set(target, entry) };
}

function inserted({ messages, changes }: Log, entry: Message): readonly Message[] {
  const change = changes.get(entry.seq);
  const message = change ? changedBy(entry, change) : entry;
  const index = messages.findLastIndex(({ seq }) => seq <= entry.seq);
  if (messages[index]?.seq === entry.seq) return messages;
  return [...messages.slice(0, index + 1), message, ...messages.slice(index + 1)];
}
