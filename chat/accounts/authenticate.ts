import { ChatError, type login as command, type RequestOf } from '../../protocol/index.ts';
import type { Caller, Credential, Policy, Session } from '../model.ts';
import type { Credentials, RateLimiter, RateLimits, Runtime, Secrets, Sessions } from '../ports.ts';
import { countTry, forgiveTry, invalidCredentials } from './login-throttle.ts';

/** The ports of `authenticate`. */
export interface AuthenticatePorts {
  credentials: Credentials;
  sessions: Sessions;
  rateLimits: RateLimits;
  /** Limits logins that cannot succeed, by address. */
  invalidLogins: RateLimiter;
  secrets: Secrets;
  policy: Policy;
  runtime: Runtime;
}

/** An authenticated user, and the evidence. */
export interface Proof {
  username: string;
  /** The last session epoch in which the proof is valid. */
  epoch: number;
  /** The credential that the name and password were checked against. */
  credential?: Credential;
  /** The session whose token the client sent. */
  shown?: { session: Session; token: string };
}

/**
 * Authenticates a login by a session token, or by name and password. Every failure gets the same error after the same
 * time, so that it reveals nothing.
 * @throws ChatError `bad_request`, `invalid_credentials`, `invalid_token`, `rate_limited`
 */
export async function authenticate(
  ports: AuthenticatePorts,
  { username, password, session_token: session, token }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Proof> {
  if (token !== undefined)
    throw new ChatError('invalid_token', 'This service has no identity provider: log in without "token".');
  if (session !== undefined) return bySession(ports, session, username, caller);
  if (username === undefined) throw new ChatError('bad_request', '"username" is missing.');
  return byName(ports, username, password, caller);
}

async function bySession(
  ports: AuthenticatePorts,
  token: string,
  username: string | undefined,
  caller: Caller,
): Promise<Proof> {
  const session = await ports.sessions.get(ports.secrets.digest(token));
  const isValid =
    session !== undefined &&
    session.expires > ports.runtime.now() &&
    (username === undefined || username === session.username);
  if (!isValid) return refuseInvalid(ports, caller);
  return { username: session.username, epoch: session.epoch, shown: { session, token } };
}

async function byName(
  ports: AuthenticatePorts,
  username: string,
  password: string | undefined,
  caller: Caller,
): Promise<Proof> {
  if (password !== undefined) return byPassword(ports, username, password, caller);
  const credential = await ports.credentials.get(username);
  const isValid = credential?.password === undefined && ports.policy.passwords === 'optional';
  if (credential === undefined || !isValid) return refuseInvalid(ports, caller);
  return { username, epoch: credential.epoch ?? 0, credential };
}

async function byPassword(
  ports: AuthenticatePorts,
  username: string,
  password: string,
  caller: Caller,
): Promise<Proof> {
  const found = await ports.credentials.get(username);
  const credential = await verify(ports, username, password, found, caller);
  return { username, epoch: credential.epoch ?? 0, credential };
}

/**
 * Checks a password, in the same time for a name that does not exist. The attempt is counted first.
 * @returns the credential, if the password is correct
 * @throws ChatError `invalid_credentials`, `rate_limited`
 */
export async function verify(
  ports: Omit<AuthenticatePorts, 'sessions'>,
  username: string,
  password: string,
  credential: Credential | undefined,
  caller: Caller,
): Promise<Credential> {
  const counted = await countTry(ports, username, credential?.attemptId, caller);
  const matches = await ports.secrets.matches(password, credential?.password);
  if (credential?.password === undefined || !matches) throw invalidCredentials();
  await forgiveTry(ports, counted, credential.attemptId, caller);
  return credential;
}

/**
 * Refuses a login that cannot succeed and guesses no password, such as one with an expired token. It is counted on the
 * address alone, in memory: if it were counted on the user, a stranger could lock them out.
 * @throws ChatError `invalid_credentials`, `rate_limited`
 */
export async function refuseInvalid(
  { invalidLogins }: Pick<AuthenticatePorts, 'invalidLogins'>,
  { address }: Caller,
): Promise<never> {
  await invalidLogins.admit(address);
  throw invalidCredentials();
}

/**
 * Checks a proof again after the session epoch was incremented: a session has ended; a password is valid if it is
 * unchanged.
 * @returns whether the proof is valid in the new epoch
 */
export async function isStillValid({ credentials }: AuthenticatePorts, proof: Proof): Promise<boolean> {
  if (proof.credential === undefined) return false;
  return (await credentials.get(proof.username))?.attemptId === proof.credential.attemptId;
}
