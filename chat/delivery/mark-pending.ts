import type { Inbox, LogEntry } from '../model.ts';
import { newOverflowId } from '../overflow-id.ts';
import type { Inboxes, Overflow, Runtime } from '../ports.ts';

/** The ports of `markPending`. */
export interface MarkPendingPorts {
  inboxes: Inboxes;
  overflow: Overflow;
  runtime: Runtime;
}

type Place = Pick<LogEntry, 'chat' | 'seq'>;

/**
 * Marks an entry pending for a user who had no connection when their inbox was read: with a pointer in the inbox, or, if
 * that is full, in the overflow.
 * @returns the first pending seq of the chat, or the inbox that made the condition fail
 */
export async function markPending(
  ports: MarkPendingPorts,
  username: string,
  { chat, seq }: Place,
  inbox: Inbox,
): Promise<number | Inbox> {
  const pending = inbox.pending.get(chat);
  if (pending !== undefined && pending <= seq) return pending;
  const newer =
    inbox.full && pending === undefined
      ? await markInOverflow(ports, username, { chat, seq }, inbox)
      : await ports.inboxes.markPending(username, chat, seq);
  return newer ?? seq;
}

/**
 * Writes the pointer first and then checks that it counts, because a login may have read the overflow in between. A
 * pointer that doesn't count is never read: when that login ends, no inbox refers to its overflow id.
 */
async function markInOverflow(
  { inboxes, overflow, runtime }: MarkPendingPorts,
  username: string,
  { chat, seq }: Place,
  { overflow: started }: Inbox,
): Promise<Inbox | undefined> {
  const id = started ?? newOverflowId(runtime);
  await overflow.add(username, { overflow: id, chat, from: seq, id: runtime.newId() });
  if (started === undefined) return inboxes.startOverflow(username, id);
  const now = (await inboxes.getMany([username])).get(username) as Inbox;
  return now.connections.size === 0 && now.overflow === id ? undefined : now;
}
