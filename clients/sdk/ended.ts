import { RequestError } from './errors.ts';
import { askOnce, type Server } from './register.ts';
import type { Store } from './store.ts';
import type { Backoff } from './timing.ts';
import { withRetry } from './with-retry.ts';

/** Where the token of a session is kept whose user has logged out, with its server: for nothing but to end it there, too. */
export const endedKey = (token: string): string => `ended/${token}`;

/** Tells the server of sessions that have ended, as soon as it can be reached; what a process leaves, its next start does. */
export async function tellEnded(server: Server & { backoff: Backoff }, store: Store): Promise<void> {
  const { url, backoff } = server;
  const ask = withRetry((request) => askOnce(server, request), backoff);
  for (const key of store.keys(endedKey(''))) {
    if (store.get(key) !== url) continue;
    const error = await ask({ type: 'logout', session_token: key.slice(6) }).catch((reason) => reason);
    if (!(error instanceof RequestError)) store.set(key, undefined);
  }
}
