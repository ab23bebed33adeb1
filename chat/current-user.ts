import { ChatError } from '../protocol/index.ts';
import type { Bound, Caller } from './model.ts';
import type { Connections } from './ports.ts';

/**
 * Returns the connection's binding and counts the request on its user's rate.
 * @throws ChatError `not_logged_in`, `rate_limited`
 */
export async function requireLogin(connections: Connections, caller: Caller): Promise<Bound> {
  const bound = await connections.get(caller.connectionId);
  if (bound === undefined) throw new ChatError('not_logged_in', 'Log in first.');
  await caller.admit?.(bound.username);
  return bound;
}

/**
 * As `requireLogin`, but returns only the username.
 * @throws ChatError `not_logged_in`, `rate_limited`
 */
export const currentUser = async (connections: Connections, caller: Caller): Promise<string> =>
  (await requireLogin(connections, caller)).username;
