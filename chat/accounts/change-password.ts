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
import { type AuthenticatePorts, refuseHopeless, verify } from './authenticate.ts';
import { remember } from './login-throttle.ts';
import { endEverySession, openSession, sessionFields, tellEnded } from './sessions.ts';

/** @throws ChatError `bad_request` for a new password that is too short for this deployment */
export function checkPassword({ passwordLength }: Policy, password: string): void {
  if ([...password].length >= passwordLength) return;
  throw new ChatError('bad_request', `A password must have at least ${passwordLength} characters.`);
}

interface Ports extends AuthenticatePorts {
  connections: Connections;
  inboxes: Inboxes;
  gateway: Gateway;
}

/**
 * Replaces the caller's password, then ends all that was opened with the old one but this connection, and closes it. What is
 * proven by the old password until then ends with it; what is proven later needs the new one.
 * @throws ChatError `not_logged_in`, `bad_request`, `invalid_credentials`, `rate_limited`, `busy`
 */
export async function changePassword(
  ports: Ports,
  { old_password: old, new_password: fresh }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { username } = await requireLogin(ports.connections, caller);
  if (caller.identity !== undefined) {
    throw new ChatError('bad_request', 'Your identity provider keeps your password: change it there.');
  }
  checkPassword(ports.policy, fresh);
  const credential = await proveAgain(ports, username, old, caller);
  const before = (await ports.inboxes.getMany([username])).get(username)?.epoch ?? 0;
  const next = {
    username,
    mark: ports.world.newId(),
    password: await ports.secrets.hash(fresh),
    epoch: before + 1,
  };
  if (!(await ports.credentials.replace(credential.mark, next))) {
    throw new ChatError('busy', 'The password was changed elsewhere at this moment. Try again.');
  }
  const revoke = async () => {
    const { epoch, ended } = await endEverySession(ports, username, caller.connectionId);
    try {
      // Everywhere else the user is a stranger again: whoever had the old password may have been there.
      await remember(ports, username, next.mark, caller);
      return await renewSession(ports, username, epoch, caller);
    } finally {
      await tellEnded(ports.gateway, ended, 'password_changed');
    }
  };
  return afterCommit('The password is new, but not every session of before has ended', revoke());
}

/** The old password, from one who is logged in already: a connection left open is no proof. */
async function proveAgain(
  ports: Ports,
  username: string,
  old: string | undefined,
  caller: Caller,
): Promise<Credential> {
  const credential = await ports.credentials.get(username);
  if (old !== undefined) return verify(ports, username, old, credential, caller);
  // One who has no password yet has none to prove.
  if (credential === undefined || credential.password !== undefined) return refuseHopeless(ports, caller);
  return credential;
}

/**
 * This connection's session has ended with the others: it gets a new one.
 * @throws OutcomeUnknown if that has ended, too
 */
async function renewSession(
  ports: Ports,
  username: string,
  epoch: number,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  if (caller.form === 'text') return {};
  const token = ports.secrets.newToken();
  const digest = ports.secrets.digest(token);
  const { connectionId, form } = caller;
  await ports.connections.bind(connectionId, { username, form, session: digest }, ports.world.now());
  // After the row: whoever ends all sessions, or erases the user, is seen here or finds it. Before the session: what is
  // opened in an epoch that is over is none.
  const inbox = (await ports.inboxes.getMany([username])).get(username);
  if (inbox?.epoch !== epoch || !inbox.connections.has(connectionId)) {
    await ports.connections.unbind(connectionId, username);
    // `not_logged_in` would say that nothing was done.
    throw new OutcomeUnknown('The password is new, and all sessions were ended elsewhere at this moment');
  }
  return sessionFields(token, await openSession(ports, { digest, username, epoch }));
}
