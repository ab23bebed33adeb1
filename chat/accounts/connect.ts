import { reserveName } from '../groups/reserve-name.ts';
import type { Connections, Credentials, Directory, Inboxes, Members, Runtime } from '../ports.ts';

interface Ports {
  directory: Directory;
  members: Members;
  credentials: Credentials;
  inboxes: Inboxes;
  connections: Connections;
  runtime: Runtime;
}

/**
 * Handles $connect of a user whom an identity provider has authenticated: binds the connection, so that every command
 * works at once. `login` adds it to the inbox, because API Gateway answers 410 to a post before $connect has returned.
 * @returns false if the name belongs to a group, or its user was erased
 */
export async function connected(ports: Ports, connectionId: string, username: string): Promise<boolean> {
  const { credentials, inboxes, connections, runtime } = ports;
  const credential = await credentials.get(username);
  if (credential?.erased) return false;
  if (credential === undefined) {
    const attemptId = runtime.newId();
    const holder = await reserveName(ports, {
      name: username,
      kind: 'user',
      created: runtime.now(),
      attemptId,
    });
    if (holder.kind !== 'user') return false;
    await inboxes.create(username);
    // Another connection of the same user may have created it first.
    await credentials.create({ username, attemptId });
  }
  return (await connections.bind(connectionId, { username, form: 'json' }, runtime.now())) !== false;
}
