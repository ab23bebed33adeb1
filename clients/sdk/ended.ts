import { RequestError } from './errors.ts';
import { askOnce, type Server } from './register.ts';
import type { Store } from './store.ts';
import type { Backoff } from './timing.ts';
import { withRetry } from './with-retry.ts';

/** Key under which the token of a logged-out session is kept, with its server, until the server has ended the session. In no user's part, as ids are encoded. */
export const endedKey = (token: string): string => `=ended/${token}`;

/** Key that is set and removed when a user logs out, to tell other programs on the same store. In no user's part, too. */
export const loggedOutKey = (username: string): string => `=out/${encodeURIComponent(username)}`;

/** Ends logged-out sessions on their servers. What this process can't reach is left for the next start. */
export async function endLoggedOutSessions(
  server: Server & { backoff: Backoff },
  store: Store,
): Promise<void> {
  const { url, backoff } = server;
  const ask = withRetry((request) => askOnce(server, request), backoff);
  for (const key of store.keys(endedKey(''))) {
    if (store.get(key) !== url) continue;
    const error = await ask({ type: 'logout', session_token: key.slice(endedKey('').length) }).catch(
      (reason) => reason,
    );
    if (!(error instanceof RequestError)) store.set(key, undefined);
  }
}
