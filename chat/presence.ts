import { type presence as command, limits, type ReplyOf, type RequestOf } from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { timestamp } from './chats.ts';
import {
  type Caller,
  type Connections,
  type Device,
  type Inbox,
  type Inboxes,
  type Millis,
  Unavailable,
  type World,
} from './ports.ts';

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
  return { online: false, ...(seen !== undefined && { last_seen: timestamp(seen) }) };
}

/** Whether somebody showed lately, on some device, that they are alive: that nobody saw a connection end proves nothing. */
export const isOnline = (inbox: Inbox | undefined, now: Millis): boolean =>
  [...(inbox?.connections.values() ?? [])].some((device) => now - lastSign(device) <= limits.onlineFor);

/** When a connection last showed that it is alive, as far as is written down. */
export const lastSign = ({ since, seen = since }: Device): Millis => Math.max(since, seen);

/** When a user last was there; undefined for who never was. A connection whose end nobody noticed counts up to its last sign. */
export function lastSeen({ connections, lastSeen: noted }: Inbox): Millis | undefined {
  const seen = [...connections.values()].map(lastSign);
  if (noted !== undefined) seen.push(noted);
  return seen.length > 0 ? Math.max(...seen) : undefined;
}

/** Writes down that a connection is alive, unless that was done a moment ago. A busy database keeps nobody from anything. */
export async function keepOnline(
  { inboxes, world }: Pick<Ports, 'inboxes' | 'world'>,
  username: string,
  connectionId: string,
  inbox: Inbox | undefined,
): Promise<void> {
  const device = inbox?.connections.get(connectionId);
  if (device === undefined || world.now() - lastSign(device) <= limits.seenAgain) return;
  await noteAlive({ inboxes, world }, username, connectionId);
}

/** Writes down that a connection is alive, if it is in the inbox. A busy database keeps nobody from anything. */
export async function noteAlive(
  { inboxes, world }: Pick<Ports, 'inboxes' | 'world'>,
  username: string,
  connectionId: string,
): Promise<void> {
  try {
    await inboxes.see(username, connectionId, world.now());
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
}
