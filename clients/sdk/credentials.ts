import { RequestError } from './errors.ts';
import { readJson, type Store } from './store.ts';
import type { Frame, Options } from './types.ts';

// The last user of this store, and their session token.
const KEY = 'session';

interface Saved {
  username: string;
  token: string;
}

/** Selects how to log in: with the session token while it is valid, then with name and password. */
export class Credentials {
  /** Empty until the server has answered the first login, if the app gave no name. */
  username: string;
  /** The session token, if there is one. */
  token: string | undefined;
  readonly #store: Store;
  #password: string | undefined;
  /** Whether the app gave the name. A name from the store can log in by its token only. */
  readonly #isNamed: boolean;
  /** Whether a refusal means `session_ended` rather than a wrong name or password. */
  #wasIn: boolean;

  constructor({ username, password, sessionToken }: Options, store: Store) {
    this.#store = store;
    this.#password = password;
    this.#isNamed = username !== undefined;
    const last = readJson<Saved>(store, KEY);
    this.username =
      username?.toLowerCase() ?? (sessionToken === undefined ? last?.username : undefined) ?? '';
    this.token = sessionToken ?? (last?.username === this.username ? last.token : undefined);
    this.#wasIn = this.token !== undefined && password === undefined;
  }

  /** The fields of a login. */
  get fields(): { username?: string; password?: string; session_token?: string } {
    if (this.token !== undefined) return { session_token: this.token };
    // Without either, the server takes the user from the connection (an identity provider's token).
    return { username: this.username || undefined, password: this.#password };
  }

  /** @returns the error to report, or undefined if another way to log in remains */
  refused(error: unknown): unknown {
    if (!(error instanceof RequestError) || error.code !== 'invalid_credentials') return error;
    const hadToken = this.token !== undefined;
    this.forget();
    if (hadToken && this.#isNamed) return undefined;
    return this.#wasIn ? new RequestError('session_ended', error.message) : error;
  }

  /** Stores what a login replied. */
  accepted(reply: Frame): void {
    this.username = reply.username as string;
    this.#wasIn = true;
    this.#keep(reply);
  }

  /** A new password ends all sessions and starts a new one. */
  changed(password: string, reply: Frame): void {
    this.#password = password;
    this.#keep(reply);
  }

  #keep({ session_token }: Frame): void {
    if (!session_token) return;
    const token = session_token as string;
    this.token = token;
    this.#store.set(KEY, JSON.stringify({ username: this.username, token } satisfies Saved));
  }

  forget(): void {
    this.token = undefined;
    if (readJson<Saved>(this.#store, KEY)?.username === this.username) this.#store.set(KEY, undefined);
  }
}
