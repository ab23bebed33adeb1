import type { presence as command, ReplyOf, RequestOf } from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { timestamp } from './chats.ts';
import { CONNECTION_LIFE, lastSeen } from './deliver.ts';
import type { Caller, Connections, Inbox, Inboxes, Millis, World } from './ports.ts';

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
  world: World;
}

/**
 * Who is there, and when the others last were. Who does not exist was never there.
 * @throws ChatError `not_logged_in`
 */
export async function presence(
  { connections, inboxes, world }: Ports,
  { usernames }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  await loggedIn(connections, caller);
  const found = await inboxes.getMany([...new Set(usernames)]);
  const now = world.now();
  return { users: [...found].map(([username, inbox]) => ({ username, ...shown(inbox, now) })) };
}

function shown(inbox: Inbox, now: Millis): { online: boolean; last_seen?: string } {
  if (isOnline(inbox, now)) return { online: true };
  const seen = lastSeen(inbox);
  return { online: false, ...(seen > 0 && { last_seen: timestamp(seen) }) };
}

/** Whether somebody is there: a connection that API Gateway must have ended by now does not count. */
export const isOnline = (inbox: Inbox | undefined, now: Millis): boolean =>
  [...(inbox?.connections.values() ?? [])].some(({ since }) => now - since <= CONNECTION_LIFE);
