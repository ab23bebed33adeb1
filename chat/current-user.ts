import { ChatError } from '../protocol/index.ts';
import type { Bound, Caller } from './model.ts';
import type { Connections } from './ports.ts';

/**
 * Whose connection it is, and lets their request through if it is within their rate.
 * @throws ChatError `not_logged_in`, `rate_limited`
 */
export async function requireLogin(connections: Connections, caller: Caller): Promise<Bound> {
  const bound = await connections.get(caller.connectionId);
  if (bound === undefined) throw new ChatError('not_logged_in', 'Log in first.');
  await caller.admit?.(bound.username);
  return bound;
}

/**
 * The user that the connection is logged in as, as `requireLogin`.
 * @throws ChatError `not_logged_in`, `rate_limited`
 */
export const currentUser = async (connections: Connections, caller: Caller): Promise<string> =>
  (await requireLogin(connections, caller)).username;
