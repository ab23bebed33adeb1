import { ChatError } from '../protocol/index.ts';
import type { Bound, Caller } from './model.ts';
import type { Connections, Runtime } from './ports.ts';

/** The ports of `currentUser`. */
export interface CallerPorts {
  connections: Connections;
  runtime: Runtime;
}

/**
 * Returns the connection's binding, even if its login has expired, or the user that a backend acts as.
 * @throws ChatError `not_logged_in`
 */
export async function requireBound(
  { connections }: Pick<CallerPorts, 'connections'>,
  caller: Caller,
): Promise<Bound> {
  const { backend, form } = caller;
  const bound = backend
    ? backend.as && { username: backend.as, form }
    : await connections.get(caller.connectionId);
  if (!bound) throw new ChatError('not_logged_in', 'Log in first.');
  return bound;
}

/**
 * Returns the connection's binding and counts the request on its user's rate.
 * @throws ChatError `not_logged_in`, `session_expired`, `rate_limited`
 */
export async function requireLogin(ports: CallerPorts, caller: Caller): Promise<Bound> {
  const bound = await requireBound(ports, caller);
  if (bound.until !== undefined && bound.until <= ports.runtime.now())
    throw new ChatError('session_expired', 'The token of this login has expired: log in with a fresh one.');
  await caller.admit?.(bound.username);
  return bound;
}

/**
 * As `requireLogin`, but returns only the username.
 * @throws ChatError `not_logged_in`, `session_expired`, `rate_limited`
 */
export const currentUser = async (ports: CallerPorts, caller: Caller): Promise<string> =>
  (await requireLogin(ports, caller)).username;

/** Whether the operator asks, through the server API. */
export const isOperator = ({ backend }: Caller): boolean => backend !== undefined && backend.as === undefined;
