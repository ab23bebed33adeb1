import { type Code, isStale, RequestError } from './errors.ts';
import { readJson, type Store } from './store.ts';
import { sleep, type Timing } from './timing.ts';
import type { Frame, Options } from './types.ts';

// The last user of this store, and their session token.
const KEY = 'session';

interface Saved {
  username: string;
  token: string;
}

/** Who is logged in on a store, in this program or another; undefined for nobody. Not known of users with `getToken`. */
export const userOn = (store: Store): string | undefined => readJson<Saved>(store, KEY)?.username;

/** The fields by which a login says who it is. */
export interface Proof {
  username?: string;
  password?: string;
  session_token?: string;
  token?: string;
}

/**
 * Selects how to log in: with a token of `getToken` if the app gave one; otherwise with the session token while it is valid,
 * then with name and password.
 */
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
  readonly #timing: Timing;
  readonly #getToken: Options['getToken'];
  /** Why the last token of `getToken` was refused; undefined once one was accepted. */
  #refusal: Code | undefined;

  constructor({ username, password, sessionToken, getToken }: Options, store: Store, timing: Timing) {
    this.#store = store;
    this.#timing = timing;
    this.#getToken = getToken;
    this.#password = password;
    this.#isNamed = username !== undefined;
    const last = getToken ? undefined : this.#saved;
    this.username =
      (getToken ? username : username?.toLowerCase()) ??
      (sessionToken === undefined ? last?.username : undefined) ??
      '';
    this.token = sessionToken ?? (last?.username === this.username ? last.token : undefined);
    this.#wasIn = this.token !== undefined && password === undefined;
  }

  /** Whether users come from an identity provider, so that their ids keep their case. */
  get hasProvider(): boolean {
    return this.#getToken !== undefined;
  }

  /** The fields of the next login. @throws RequestError `no_token` */
  async proof(): Promise<Proof> {
    // With a token: once the user is known, a token of somebody else must not log in.
    const username = this.username || undefined;
    if (this.#getToken) return { username, token: await this.#nextToken(this.#getToken) };
    if (this.token !== undefined) return { session_token: this.token };
    return { username, password: this.#password };
  }

  async #nextToken(getToken: NonNullable<Options['getToken']>): Promise<string> {
    const { retryFirst, token: patience } = this.#timing;
    // Times in tokens are whole seconds: one that is not valid yet may be then.
    if (this.#refusal) await sleep(2 * retryFirst);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(Error(`nothing came within ${patience / 1_000} s`)), patience);
    });
    try {
      const token = await Promise.race([getToken(this.#refusal), isLate]);
      if (typeof token === 'string' && token) return token;
      throw Error('it returned no token');
    } catch (error) {
      throw new RequestError('no_token', `getToken: ${(error as Error)?.message ?? error}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns the error to report, or undefined if another way to log in remains */
  refused(error: unknown): unknown {
    if (!(error instanceof RequestError)) return error;
    if (this.#getToken && isStale(error.code)) {
      const isAgain = this.#refusal !== undefined;
      this.#refusal = error.code;
      return isAgain ? new RequestError('unauthorized', error.message) : undefined;
    }
    if (error.code !== 'invalid_credentials') return error;
    const hadToken = this.token !== undefined;
    this.forget();
    // Another program on this store may have got a new one, with a new password.
    if (hadToken && this.#saved?.username === this.username) this.token = this.#saved.token;
    if (hadToken && (this.#isNamed || this.token)) return undefined;
    return this.#wasIn ? new RequestError('session_ended', error.message) : error;
  }

  /** Stores what a login replied. */
  accepted(reply: Frame): void {
    this.username = reply.username as string;
    this.#wasIn = true;
    this.#refusal = undefined;
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

  /** @param isUser whether the store forgets any session of this user, and not this one alone */
  forget(isUser = false): void {
    const saved = this.#saved;
    if (isUser ? saved?.username === this.username : saved?.token === this.token)
      this.#store.set(KEY, undefined);
    this.token = undefined;
  }

  get #saved(): Saved | undefined {
    return readJson(this.#store, KEY);
  }
}
