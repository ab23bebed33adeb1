import { ChatError } from '../protocol/index.ts';
import type { Caller, Connections } from './ports.ts';

/**
 * The user that the connection is logged in as.
 * @throws ChatError `not_logged_in`
 */
export async function loggedIn(connections: Connections, caller: Caller): Promise<string> {
  const username = await connections.userOf(caller.connectionId);
  if (username === undefined) throw new ChatError('not_logged_in', 'Log in first.');
  return username;
}
