import { type Code, isStale, RequestError } from './errors.ts';
import { sleep, type Timing, withTimeout } from './timing.ts';
import type { Frame, Options } from './types.ts';

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
  /** Takes over what a login replied, or a change of password, which ends all sessions and starts a new one. */
  accepted(reply: Frame, newPassword?: string): void;
  /** Drops the session token. */
  forget(): void;
}

/**
 * Selects how to log in: with a token of `getToken` if the app gave one; otherwise with the session token while it is valid,
 * then with name and password.
 */
export function credentialsOf(options: Options, timing: Timing): Credentials {
  const { sessionToken, getToken, username: given = '' } = options;
  let { password } = options;
  /** Whether a refusal means `session_ended` rather than a wrong name or password. */
  let wasIn = false;
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
    username: getToken ? given : given.toLowerCase(),
    token: sessionToken,

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
      wasIn ||= hadToken && password === undefined;
      self.forget();
      // A name from the store can log in by its token only.
      if (hadToken && given) return undefined;
      return wasIn ? new RequestError('session_ended', reason) : error;
    },

    accepted({ username: name = self.username, session_token }, newPassword = password) {
      self.username = name as string;
      password = newPassword;
      wasIn = true;
      refusal = undefined;
      if (session_token) self.token = session_token as string;
    },

    forget() {
      self.token = undefined;
    },
  };
  return self;
}
