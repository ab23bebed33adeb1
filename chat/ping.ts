import type { ping as command, ReplyOf } from '../protocol/index.ts';
import { timestamp } from './chats.ts';
import { type Caller, type Connections, type Inboxes, Unavailable, type World } from './ports.ts';
import { noteAlive } from './presence.ts';

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
  world: World;
}

/**
 * The service's time. Who is logged in is online for another while (`limits.onlineFor`); the answer comes whether that
 * could be written down or not, since it tells that the connection is alive.
 */
export async function ping(ports: Ports, { connectionId }: Caller): Promise<ReplyOf<typeof command>> {
  try {
    const bound = await ports.connections.get(connectionId);
    if (bound !== undefined) await noteAlive(ports, bound.username, connectionId);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
  }
  return { timestamp: timestamp(ports.world.now()) };
}
