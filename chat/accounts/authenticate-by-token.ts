import { ChatError, type login as command, type RequestOf } from '../../protocol/index.ts';
import type { Credential, Identity } from '../model.ts';
import type { Credentials, Directory, IdentityProvider, Inboxes, Profiles, Runtime } from '../ports.ts';
import { fillProfile } from './fill-profile.ts';

/** The ports of `authenticateByToken`. */
export interface TokenPorts {
  provider: IdentityProvider;
  credentials: Credentials;
  directory: Directory;
  inboxes: Inboxes;
  profiles: Profiles;
  runtime: Runtime;
}

/**
 * Authenticates a login by a token of the identity provider, which alone decides who is a user: at their first login the
 * user is created. What the token says of them fills their profile.
 * @throws ChatError `invalid_token`, `token_expired`; Unavailable if the provider's keys can't be fetched
 */
export async function authenticateByToken(
  ports: TokenPorts,
  { username, token }: RequestOf<typeof command>,
): Promise<Identity> {
  if (token === undefined)
    throw new ChatError('invalid_token', 'This service needs a "token" from its identity provider.');
  const identity = await ports.provider.verify(token);
  if (identity.until <= ports.runtime.now())
    throw new ChatError('token_expired', 'The token has expired: get a fresh one.');
  if (username !== undefined && username !== identity.username)
    throw new ChatError('invalid_token', 'The token belongs to a different user than "username".');
  const credential = await createIfNew(ports, identity.username);
  if (identity.claims) await fillProfile(ports, credential, identity.claims);
  return identity;
}

/**
 * Creates a user who has not logged in before. If it dies halfway, their next login completes it.
 * @returns the credential
 * @throws ChatError `invalid_token` if the user was erased
 */
async function createIfNew(ports: TokenPorts, username: string): Promise<Credential> {
  const { credentials, directory, inboxes, runtime } = ports;
  const credential = await credentials.get(username);
  if (credential?.erased) throw new ChatError('invalid_token', 'This account was deleted.');
  if (credential !== undefined) return credential;
  const attemptId = runtime.newId();
  await directory.reserve({ name: username, kind: 'user', created: runtime.now(), attemptId });
  await inboxes.create(username);
  // Another login of the same user may have created it first.
  return credentials.create({ username, attemptId });
}
