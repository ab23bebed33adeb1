import type { Inbox, LogEntry } from '../model.ts';
import type { Inboxes, Overflow, World } from '../ports.ts';

/** What owing needs. */
export interface MarkPendingPorts {
  inboxes: Inboxes;
  overflow: Overflow;
  world: World;
}

type Place = Pick<LogEntry, 'chat' | 'seq'>;

/**
 * Owes an entry to a user who was not connected when their inbox was read: by a pointer there, or, if it is full, by one
 * in the overflow.
 * @returns the seq from which the chat is owed now, or the inbox that stood against it
 */
export async function markPending(
  ports: MarkPendingPorts,
  username: string,
  { chat, seq }: Place,
  inbox: Inbox,
): Promise<number | Inbox> {
  const owed = inbox.pending.get(chat);
  if (owed !== undefined && owed <= seq) return owed;
  const against =
    inbox.full && owed === undefined
      ? await markInOverflow(ports, username, { chat, seq }, inbox)
      : await ports.inboxes.markPending(username, chat, seq);
  return against ?? seq;
}

/**
 * The pointer first, then a look at whether it counts: a login that connects in between may have read the overflow
 * before. What does not count stays, and is never read: its id is in no inbox any more once that login is through.
 */
async function markInOverflow(
  { inboxes, overflow, world }: MarkPendingPorts,
  username: string,
  { chat, seq }: Place,
  { overflow: started }: Inbox,
): Promise<Inbox | undefined> {
  const id = started ?? world.newId();
  await overflow.add(username, { overflow: id, chat, from: seq, id: world.newId() });
  if (started === undefined) return inboxes.startOverflow(username, id);
  const now = (await inboxes.getMany([username])).get(username) as Inbox;
  return now.connections.size === 0 && now.overflow === id ? undefined : now;
}
