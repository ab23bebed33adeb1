import { reserveName } from '../groups/claim-name.ts';
import type { Connections, Credentials, Directory, Inboxes, Members, World } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
  credentials: Credentials;
  inboxes: Inboxes;
  connections: Connections;
  world: World;
}

/**
 * Binds a connection that an identity provider vouched for, before it is open: every command works at once. It is in
 * no inbox yet, since a post to a connection that is not open is answered with 410: `login` begins that.
 * @returns false if the name is a group's, or its user was erased
 */
export async function connected(ports: Ports, connectionId: string, username: string): Promise<boolean> {
  const { credentials, inboxes, connections, world } = ports;
  const credential = await credentials.get(username);
  if (credential?.erased) return false;
  if (credential === undefined) {
    const mark = world.newId();
    const holder = await reserveName(ports, { name: username, kind: 'user', created: world.now(), mark });
    if (holder.kind !== 'user') return false;
    await inboxes.create(username);
    // If another connection was faster, it is the same user's.
    await credentials.create({ username, mark });
  }
  return (await connections.bind(connectionId, { username, form: 'json' }, world.now())) !== false;
}
