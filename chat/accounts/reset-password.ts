import { ChatError } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import type { Connections, Credentials, Gateway, Inboxes, Runtime, Secrets } from '../ports.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

interface Ports {
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  secrets: Secrets;
  runtime: Runtime;
  /** Absent if no connection can be open. */
  gateway?: Gateway;
}

/**
 * Replaces a user's password without the old one, for an operator, and ends all their sessions and connections, as
 * `changePassword` does. If it dies halfway, a second call completes it.
 * @returns the number of connections that were ended
 * @throws ChatError `unknown_recipient` without such a user, or if they were erased
 */
export async function resetPassword(ports: Ports, username: string, password: string): Promise<number> {
  const { credentials, inboxes, secrets, runtime } = ports;
  const hash = await secrets.hash(password);
  for (;;) {
    const credential = await credentials.get(username);
    if (credential === undefined) throw new ChatError('unknown_recipient', `There is no user ${username}.`);
    if (credential.erased) throw new ChatError('unknown_recipient', `${username} was erased.`);
    const before = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    const next = { username, attemptId: runtime.newId(), password: hash, epoch: before + 1 };
    // Otherwise it was changed at the same time: read it again.
    if (await credentials.replace(credential.attemptId, next)) break;
  }
  const end = async () => {
    const { ended } = await endEverySession(ports, username, '');
    if (ports.gateway) await notifyEnded(ports.gateway, ended, 'password_reset');
    return ended.size;
  };
  return afterCommit('The password was reset, but not every earlier session has ended', end());
}
