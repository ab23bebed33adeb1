import type { logout as command, RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { requireLogin } from '../current-user.ts';
import type { Caller } from '../model.ts';
import type { Connections, Gateway, Inboxes, Secrets, Sessions, World } from '../ports.ts';
import { endEverySession, tellEnded } from './sessions.ts';

interface LogoutPorts extends Ports {
  gateway: Gateway;
  sessions: Sessions;
  secrets: Secrets;
}

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
  world: World;
}

/**
 * Ends the session that this connection logged in with, or all of the user's, and unbinds it. This connection goes
 * last: should it die before, the user can ask again. With a token it ends that session, and nothing else.
 * @throws ChatError `not_logged_in`
 */
export async function logout(
  ports: LogoutPorts,
  { everywhere, session_token: token }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Record<string, never>> {
  if (token !== undefined) return endShown(ports, token);
  const { username, session } = await requireLogin(ports.connections, caller);
  const hasEnded = everywhere || session !== undefined;
  if (everywhere) {
    const { ended } = await endEverySession(ports, username, caller.connectionId);
    await tellEnded(ports.gateway, ended, 'logged_out_everywhere');
  } else if (session !== undefined) await ports.sessions.end(session);
  const rest = unbind(ports, caller.connectionId, username);
  await (hasEnded ? afterCommit('The session has ended, but not the login', rest) : rest);
  return {};
}

/**
 * Whoever shows a token may end its session, logged in or not. One that has ended is fine: a logout that got no answer is
 * repeated. So the answer tells nobody whether a token is good, and a try costs one read.
 */
async function endShown({ sessions, secrets }: LogoutPorts, token: string): Promise<Record<string, never>> {
  const digest = secrets.digest(token);
  if (await sessions.get(digest)) await sessions.end(digest);
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
  await afterCommit('Out of the inbox, but still bound', connections.unbind(connectionId, username));
}
