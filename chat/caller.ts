import { ChatError } from '../protocol/index.ts';
import type { Bound, Caller, Connections } from './ports.ts';

/**
 * Whose connection it is.
 * @throws ChatError `not_logged_in`
 */
export async function boundTo(connections: Connections, caller: Caller): Promise<Bound> {
  const bound = await connections.get(caller.connectionId);
  if (bound === undefined) throw new ChatError('not_logged_in', 'Log in first.');
  return bound;
}

/**
 * The user that the connection is logged in as.
 * @throws ChatError `not_logged_in`
 */
export const loggedIn = async (connections: Connections, caller: Caller): Promise<string> =>
  (await boundTo(connections, caller)).username;
