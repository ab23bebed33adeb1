import { RequestError } from './errors.ts';
import { type Store, saved } from './store.ts';
import type { Frame, Options } from './types.ts';

// Of all users: who was here last, and the token of their session.
const KEY = 'session';

interface Saved {
  username: string;
  token: string;
}

/** What to log in with: the session's token as long as it is good, then the name and password. */
export class Credentials {
  /** Empty as long as only the server knows. */
  username: string;
  /** Of the session; undefined as long as there is none. */
  token: string | undefined;
  readonly #store: Store;
  #password: string | undefined;
  /** Whether the name was given by whoever connects; a name from the store logs in by its token only. */
  readonly #isNamed: boolean;
  /** Whether a refusal means that a session has ended, and not that somebody gave a wrong name or password. */
  #wasIn: boolean;

  constructor({ username, password, sessionToken }: Options, store: Store) {
    this.#store = store;
    this.#password = password;
    this.#isNamed = username !== undefined;
    const last = saved<Saved>(store, KEY);
    this.username =
      username?.toLowerCase() ?? (sessionToken === undefined ? last?.username : undefined) ?? '';
    this.token = sessionToken ?? (last?.username === this.username ? last.token : undefined);
    this.#wasIn = this.token !== undefined && password === undefined;
  }

  /** The fields of a login. */
  get fields(): { username?: string; password?: string; session_token?: string } {
    if (this.token !== undefined) return { session_token: this.token };
    // Without either, the connection itself must say whose it is.
    return { username: this.username || undefined, password: this.#password };
  }

  /** @returns what the login fails with, or nothing if there is another way to log in */
  refused(error: unknown): unknown {
    if (!(error instanceof RequestError) || error.code !== 'invalid_credentials') return error;
    const hadToken = this.token !== undefined;
    this.forget();
    if (hadToken && this.#isNamed) return undefined;
    return this.#wasIn ? new RequestError('session_ended', error.message) : error;
  }

  /** Keeps what a login was answered with. */
  accepted(reply: Frame): void {
    this.username = reply.username as string;
    this.#wasIn = true;
    this.#keep(reply);
  }

  /** A new password ends all sessions, and begins another one. */
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
    if (saved<Saved>(this.#store, KEY)?.username === this.username) this.#store.set(KEY, undefined);
  }
}
