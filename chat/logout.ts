import type { logout as command, RequestOf } from '../protocol/index.ts';
import { boundTo } from './caller.ts';
import type { Caller, Connections, Inboxes, Sessions, World } from './ports.ts';
import { endEverySession } from './sessions.ts';

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
  world: World;
}

/**
 * Ends the session that this connection logged in with, or all of the user's, and unbinds it. This connection goes
 * last: should it die before, the user can ask again.
 * @throws ChatError `not_logged_in`
 */
export async function logout(
  ports: Ports & { sessions: Sessions },
  { everywhere }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Record<string, never>> {
  const { username, session } = await boundTo(ports.connections, caller);
  if (everywhere) await endEverySession(ports, username, caller.connectionId);
  else if (session !== undefined) await ports.sessions.end(session);
  await unbind(ports, caller.connectionId, username);
  return {};
}

/** What `$disconnect` does: a connection that never logged in leaves nothing behind. */
export async function disconnected(ports: Ports, connectionId: string): Promise<void> {
  const bound = await ports.connections.get(connectionId);
  if (bound !== undefined) await unbind(ports, connectionId, bound.username);
}

/** The inbox first: should it die in between, the row still tells a second try whose inbox to look into. */
export async function unbind(
  { connections, inboxes, world }: Ports,
  connectionId: string,
  username: string,
): Promise<void> {
  await inboxes.disconnect(username, connectionId, world.now());
  await connections.unbind(connectionId, username);
}
