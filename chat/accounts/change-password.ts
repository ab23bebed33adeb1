import {
  ChatError,
  type changePassword as command,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { requireLogin } from '../current-user.ts';
import { OutcomeUnknown } from '../errors.ts';
import type { Caller, Credential, Policy } from '../model.ts';
import type { Connections, Gateway, Inboxes } from '../ports.ts';
import { type AuthenticatePorts, refuseInvalid, verify } from './authenticate.ts';
import { rememberAddress } from './login-throttle.ts';
import { endEverySession, notifyEnded, openSession, sessionFields } from './sessions.ts';

/** @throws ChatError `bad_request` if the password is shorter than `policy.passwordLength` */
export function checkPassword({ passwordLength }: Policy, password: string): void {
  if ([...password].length >= passwordLength) return;
  throw new ChatError('bad_request', `A password must have at least ${passwordLength} characters.`);
}

/** @throws ChatError `not_allowed` if users come from an identity provider: there is nothing of theirs to set here */
export function refuseWithProvider({ hasProvider }: Policy): void {
  if (hasProvider)
    throw new ChatError('not_allowed', 'Users and their passwords come from the identity provider.');
}

interface Ports extends AuthenticatePorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
}

/**
 * Replaces the caller's password, then ends all sessions and closes all connections except this one. A login with the
 * old password that is in progress ends with them; later logins need the new one.
 * @throws ChatError `not_logged_in`, `not_allowed`, `bad_request`, `invalid_credentials`, `rate_limited`, `busy`
 */
export async function changePassword(
  ports: Ports,
  { old_password: old, new_password: fresh }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  refuseWithProvider(ports.policy);
  const { username } = await requireLogin(ports, caller);
  checkPassword(ports.policy, fresh);
  const credential = await verifyOldPassword(ports, username, old, caller);
  const before = (await ports.inboxes.getMany([username])).get(username)?.epoch ?? 0;
  const next = {
    username,
    attemptId: ports.runtime.newId(),
    password: await ports.secrets.hash(fresh),
    epoch: before + 1,
    ...(credential.key !== undefined && { key: credential.key }),
  };
  if (!(await ports.credentials.replace(credential.attemptId, next))) {
    throw new ChatError('busy', 'The password was changed elsewhere at the same time. Try again.');
  }
  const revoke = async () => {
    const { epoch, ended } = await endEverySession(ports, username, caller.connectionId);
    try {
      // Only this address stays known: somebody else who had the old password may have logged in at the others.
      await rememberAddress(ports, username, next.attemptId, caller);
      return await renewSession(ports, username, epoch, caller);
    } finally {
      await notifyEnded(ports.gateway, ended, 'password_changed');
    }
  };
  return afterCommit('The password was changed, but not every earlier session has ended', revoke());
}

/** Requires the old password, because somebody else may be using a connection that was left open. */
async function verifyOldPassword(
  ports: Ports,
  username: string,
  old: string | undefined,
  caller: Caller,
): Promise<Credential> {
  const credential = await ports.credentials.get(username);
  if (old !== undefined) return verify(ports, username, old, credential, caller);
  // A user who has no password yet sets their first one.
  if (credential === undefined || credential.password !== undefined) return refuseInvalid(ports, caller);
  return credential;
}

/**
 * Opens a new session for this connection, whose own has ended with the others.
 * @throws OutcomeUnknown if the new one has been ended as well
 */
async function renewSession(
  ports: Ports,
  username: string,
  epoch: number,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  if (caller.withoutTokens) return {};
  const token = ports.secrets.newToken();
  const digest = ports.secrets.digest(token);
  const { connectionId, form } = caller;
  await ports.connections.bind(connectionId, { username, form, session: digest }, ports.runtime.now());
  // Read after the row is written: a concurrent `logout everywhere` or erasure either shows here or finds the row. And
  // before the session is opened: one that is opened in an earlier epoch is invalid.
  const inbox = (await ports.inboxes.getMany([username])).get(username);
  if (inbox?.epoch !== epoch || !inbox.connections.has(connectionId)) {
    await ports.connections.unbind(connectionId, username);
    // `not_logged_in` would tell the client that nothing was changed.
    throw new OutcomeUnknown(
      'The password was changed, and all sessions were ended elsewhere at the same time',
    );
  }
  return sessionFields(token, await openSession(ports, { digest, username, epoch }));
}
