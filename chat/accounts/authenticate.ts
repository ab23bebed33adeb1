import { ChatError, type login as command, type RequestOf } from '../../protocol/index.ts';
import type { Caller, Credential, Policy, Session } from '../model.ts';
import type { Credentials, RateLimiter, RateLimits, Secrets, Sessions, World } from '../ports.ts';
import { countTry, forgiveTry, invalidCredentials } from './login-throttle.ts';

/** What proving needs. */
export interface AuthenticatePorts {
  credentials: Credentials;
  sessions: Sessions;
  rateLimits: RateLimits;
  /** Of logins that cannot succeed, whatever they guess, by address. */
  hopelessLogins: RateLimiter;
  secrets: Secrets;
  policy: Policy;
  world: World;
}

/** Who somebody is, and how we know. */
export interface Proof {
  username: string;
  /** The inbox's epoch up to which it holds; absent, it holds in any. */
  epoch?: number;
  /** What a name, with its password or without one, was checked against. */
  credential?: Credential;
  /** The session that was shown, and its token. */
  shown?: { session: Session; token: string };
}

/**
 * Finds out who wants to log in: by the connection itself, by a session's token, or by name and password. Whatever
 * is wrong, the refusal is the same, and takes as long.
 * @throws ChatError `bad_request`, `invalid_credentials`, `already_logged_in`, `rate_limited`
 */
export async function authenticate(
  ports: AuthenticatePorts,
  { username, password, session_token: token }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Proof> {
  if (caller.identity !== undefined) return byIdentity(ports, caller.identity, username);
  if (token !== undefined) return bySession(ports, token, username, caller);
  if (username === undefined) throw new ChatError('bad_request', '"username" is missing.');
  return byName(ports, username, password, caller);
}

/** The identity provider has spoken, and nobody else is heard. */
async function byIdentity(
  { credentials }: AuthenticatePorts,
  identity: string,
  username: string | undefined,
): Promise<Proof> {
  if (username !== undefined && username !== identity)
    throw new ChatError('already_logged_in', `This connection is ${identity}'s, and nobody else's.`);
  if ((await credentials.get(identity))?.erased) throw invalidCredentials();
  return { username: identity };
}

async function bySession(
  ports: AuthenticatePorts,
  token: string,
  username: string | undefined,
  caller: Caller,
): Promise<Proof> {
  const session = await ports.sessions.get(ports.secrets.digest(token));
  const holds =
    session !== undefined &&
    session.expires > ports.world.now() &&
    (username === undefined || username === session.username);
  if (!holds) return refuseHopeless(ports, caller);
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
  const holds = credential?.password === undefined && ports.policy.passwords === 'optional';
  if (credential === undefined || !holds) return refuseHopeless(ports, caller);
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
 * Compares a password with the user's, which takes as long for a name that nobody has. The try is counted first.
 * @returns the credential, if the password is right
 * @throws ChatError `invalid_credentials`, `rate_limited`
 */
export async function verify(
  ports: AuthenticatePorts,
  username: string,
  password: string,
  credential: Credential | undefined,
  caller: Caller,
): Promise<Credential> {
  const counted = await countTry(ports, username, credential?.mark, caller);
  const matches = await ports.secrets.matches(password, credential?.password);
  if (credential?.password === undefined || !matches) throw invalidCredentials();
  await forgiveTry(ports, counted, credential.mark, caller);
  return credential;
}

/**
 * Refuses what cannot succeed and guesses nothing, like a name without its password or a token that is over. It is
 * counted on the address alone, in memory: were it counted on the user, a stranger could keep them out by it.
 * @throws ChatError `invalid_credentials`, `rate_limited`
 */
export async function refuseHopeless(
  { hopelessLogins }: AuthenticatePorts,
  { address }: Caller,
): Promise<never> {
  await hopelessLogins.admit(address);
  throw invalidCredentials();
}

/**
 * Looks again at a proof from before the user ended all sessions: a session is over, and a password holds if it is
 * still the same one.
 * @returns whether it holds in the new epoch
 */
export async function stillHolds({ credentials }: AuthenticatePorts, proof: Proof): Promise<boolean> {
  if (proof.credential === undefined) return false;
  return (await credentials.get(proof.username))?.mark === proof.credential.mark;
}
