import { loggedIn } from './caller.ts';
import type { Caller, Connections, Inboxes } from './ports.ts';

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
}

/**
 * Unbinds this connection.
 * @throws ChatError `not_logged_in`
 */
export async function logout(ports: Ports, caller: Caller): Promise<Record<string, never>> {
  await unbind(ports, caller.connectionId, await loggedIn(ports.connections, caller));
  return {};
}

/** What `$disconnect` does: a connection that never logged in leaves nothing behind. */
export async function disconnected(ports: Ports, connectionId: string): Promise<void> {
  const username = await ports.connections.userOf(connectionId);
  if (username !== undefined) await unbind(ports, connectionId, username);
}

// The inbox first: should it die in between, the row still tells a second try whose inbox to look into.
async function unbind(
  { connections, inboxes }: Ports,
  connectionId: string,
  username: string,
): Promise<void> {
  await inboxes.disconnect(username, connectionId);
  await connections.unbind(connectionId);
}
