import { changedBy, targetOf } from '../sdk/changes.ts';
import type { Message } from '../sdk/chat.ts';

/** The messages of one chat as they stand: what changed them is applied, and not shown. */
export interface Log {
  /** In order of `seq`. */
  readonly messages: readonly Message[];
  /** The last change of each message, by that message's `seq`; it may be known before the message is. */
  readonly changes: ReadonlyMap<number, Message>;
  /** Whether there is nothing before the first. */
  readonly isWhole: boolean;
  /** The first entry that is known, changes included. */
  readonly first?: number;
}

export const emptyLog: Log = { messages: [], changes: new Map(), isWhole: false };

/** With one more entry; one that is there already stays. */
export function withEntry(log: Log, entry: Message): Log {
  const first = Math.min(entry.seq, log.first ?? entry.seq);
  const target = targetOf(entry);
  if (target === undefined) return { ...log, first, messages: inserted(log, entry) };
  const known = log.changes.get(target);
  // A deletion is final, in whatever order changes come.
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
