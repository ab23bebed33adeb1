import { connected } from '../chat/connect.ts';
import { handshake } from './handshake.ts';
import { connections, credentials, inboxes, members, names } from './ports.ts';
import { world } from './world.ts';

const ports = { names, members, credentials, inboxes, connections, world };

/** There only where users come from an identity provider (lib/settings.ts): binds the connection to its user. */
export const handler = handshake(async ({ connectionId, authorizer }) => {
  const username = authorizer?.username;
  if (username === undefined) return 'no identity';
  return (await connected(ports, connectionId, username)) ? undefined : 'name_taken';
});
