import { ChatError, type logout as command, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { requireBound, requireLogin } from '../current-user.ts';
import type { Caller } from '../model.ts';
import type { Connections, Gateway, Inboxes, RateLimiter, Runtime, Secrets, Sessions } from '../ports.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

interface LogoutPorts extends Ports {
  gateway: Gateway;
  sessions: Sessions;
  /** Limits logouts of sessions that don't exist, by address, with the logins that cannot succeed. */
  invalidLogins: RateLimiter;
  secrets: Secrets;
}

interface Ports {
  connections: Connections;
  inboxes: Inboxes;
  runtime: Runtime;
}

/**
 * Ends this connection's session, or all of the user's, and unbinds the connection. It is unbound last, so that the user
 * can repeat a logout that died halfway. With a token, only that session ends.
 * @throws ChatError `not_logged_in`, `rate_limited`
 */
export async function logout(
  ports: LogoutPorts,
  { everywhere, session_token: token }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Record<string, never>> {
  if (token !== undefined) return endByToken(ports, token, caller);
  if (caller.backend && !everywhere)
    throw new ChatError('bad_request', 'A backend has no connection to log out. Did you mean "everywhere"?');
  // A login that has expired may still give up its connection, but not end other ones.
  const { username, session } = await (everywhere ? requireLogin : requireBound)(ports, caller);
  const hasEnded = everywhere || session !== undefined;
  if (everywhere) {
    const { ended } = await endEverySession(ports, username, caller.connectionId);
    await notifyEnded(ports.gateway, ended, 'logged_out_everywhere');
    if (caller.backend) return {};
  } else if (session !== undefined) await ports.sessions.end(session);
  const rest = unbind(ports, caller.connectionId, username);
  await (hasEnded ? afterCommit('The session has ended, but not the login', rest) : rest);
  return {};
}

/**
 * Ends the session of a token, whether or not the connection is logged in. A session that has already ended is no error,
 * because clients repeat a logout without a reply. So the reply doesn't reveal whether a token is valid. A logout that ends
 * nothing counts on the address; each other one was paid for by its login.
 */
async function endByToken(
  { sessions, secrets, invalidLogins }: LogoutPorts,
  token: string,
  { address, backend }: Caller,
): Promise<Record<string, never>> {
  const digest = secrets.digest(token);
  if (await sessions.get(digest)) await sessions.end(digest);
  // Backends have no address that could be told from others.
  else if (!backend) await invalidLogins.admit(address);
  return {};
}

/** Handles `$disconnect`. */
export async function disconnected(ports: Ports, connectionId: string): Promise<void> {
  const bound = await ports.connections.get(connectionId);
  if (bound !== undefined) await unbind(ports, connectionId, bound.username);
}

/** Updates the inbox first: if this dies in between, the row still tells a retry whose inbox to clean up. */
export async function unbind(
  { connections, inboxes, runtime }: Ports,
  connectionId: string,
  username: string,
): Promise<void> {
  await inboxes.disconnect(username, connectionId, runtime.now());
  await afterCommit('Removed from the inbox, but still bound', connections.unbind(connectionId, username));
}
