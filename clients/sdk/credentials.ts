import { type Code, isStale, RequestError } from './errors.ts';
import { readJson, type Store } from './store.ts';
import { sleep, type Timing, withTimeout } from './timing.ts';
import type { Frame, Options } from './types.ts';

// The last user of this store, and their session token.
const KEY = 'session';

interface Saved {
  username: string;
  token: string;
}

const savedIn = (store: Pick<Store, 'get'>): Partial<Saved> => readJson<Saved>(store, KEY) ?? {};

/** Who is logged in on a store, in this program or another; undefined for nobody. Not known of users with `getToken`. */
export const userOn = (store: Store): string | undefined => savedIn(store).username;

/** The fields by which a login says who it is. */
export interface Proof {
  username?: string | undefined;
  password?: string | undefined;
  session_token?: string;
  token?: string;
}

/** How to log in, as which user. */
export interface Credentials {
  /** Empty until the server has answered the first login, if the app gave no name. */
  username: string;
  /** The session token, if there is one. */
  token: string | undefined;
  /** The fields of the next login. @throws RequestError `no_token` */
  proof(): Promise<Proof>;
  /** @returns the error to report, or undefined if another way to log in remains */
  refused(error: unknown): unknown;
  /** Stores what a login replied, or a change of password, which ends all sessions and starts a new one. */
  accepted(reply: Frame, newPassword?: string): void;
  /** @param isUser whether the store forgets any session of this user, and not this one alone */
  forget(isUser?: boolean): void;
}

/**
 * Selects how to log in: with a token of `getToken` if the app gave one; otherwise with the session token while it is valid,
 * then with name and password.
 */
export function credentialsOf(
  options: Options,
  store: Pick<Store, 'get' | 'set'>,
  timing: Timing,
): Credentials {
  const { sessionToken, getToken } = options;
  let { password } = options;
  const last = getToken ? {} : savedIn(store);
  const given = getToken ? options.username : options.username?.toLowerCase();
  const username = given ?? (sessionToken === undefined ? last.username : undefined) ?? '';
  const token = sessionToken ?? (last.username === username ? last.token : undefined);
  /** Whether a refusal means `session_ended` rather than a wrong name or password. */
  let wasIn = token !== undefined && password === undefined;
  /** Why the last token of `getToken` was refused; undefined once one was accepted. */
  let refusal: Code | undefined;

  const nextToken = async (ask: NonNullable<Options['getToken']>): Promise<string> => {
    // Times in tokens are whole seconds: one that is not valid yet may be then.
    if (refusal) await sleep(2 * timing.retryFirst);
    const fails = (why: unknown) => new RequestError('no_token', `getToken: ${why}`);
    return withTimeout<string>(
      timing.token,
      async (settle) => {
        try {
          const found = await ask(refusal);
          settle(found && typeof found === 'string' ? found : fails('it returned no token'));
        } catch (error) {
          settle(fails((error as Error)?.message ?? error));
        }
      },
      undefined,
      fails(`nothing came within ${timing.token / 1_000} s`),
    );
  };

  const self: Credentials = {
    username,
    token,

    async proof() {
      // With a token: once the user is known, a token of somebody else must not log in.
      const name = self.username || undefined;
      if (getToken) return { username: name, token: await nextToken(getToken) };
      return self.token === undefined ? { username: name, password } : { session_token: self.token };
    },

    refused(error) {
      if (!(error instanceof RequestError)) return error;
      const { code, reason } = error;
      if (getToken && isStale(code)) {
        const isAgain = refusal;
        refusal = code;
        return isAgain && new RequestError('unauthorized', reason);
      }
      if (code !== 'invalid_credentials') return error;
      const hadToken = self.token !== undefined;
      self.forget();
      // Another program on this store may have got a new one, with a new password.
      const now = savedIn(store);
      if (hadToken && now.username === self.username) self.token = now.token;
      // A name from the store can log in by its token only.
      if (hadToken && (given !== undefined || self.token)) return undefined;
      return wasIn ? new RequestError('session_ended', reason) : error;
    },

    accepted({ username: name = self.username, session_token }, newPassword = password) {
      self.username = name as string;
      password = newPassword;
      wasIn = true;
      refusal = undefined;
      if (!session_token) return;
      self.token = session_token as string;
      store.set(KEY, JSON.stringify({ username: self.username, token: self.token } satisfies Saved));
    },

    forget(isUser) {
      const saved = savedIn(store);
      if (isUser ? saved.username === self.username : saved.token === self.token) store.set(KEY, undefined);
      self.token = undefined;
    },
  };
  return self;
}
