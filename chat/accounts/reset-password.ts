import type { resetPassword as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import type { Policy } from '../model.ts';
import type { Connections, Credentials, Gateway, Inboxes, Runtime, Secrets } from '../ports.ts';
import { requireUser } from '../require-user.ts';
import { refuseWithProvider } from './change-password.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

interface Ports {
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  secrets: Secrets;
  runtime: Runtime;
  policy: Policy;
  gateway: Gateway;
}

/**
 * Replaces a user's password without the old one, for an operator, and ends all their sessions and connections, as
 * `changePassword` does. If it dies halfway, a second call completes it.
 * @throws ChatError `unknown_recipient` without such a user, or if they were erased; `not_allowed`
 */
export async function resetPassword(
  ports: Ports,
  { username, password }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  const { credentials, inboxes, secrets, runtime } = ports;
  refuseWithProvider(ports.policy);
  await requireUser(ports, username);
  const hash = await secrets.hash(password);
  for (;;) {
    const credential = await requireUser(ports, username);
    const before = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    const next = {
      username,
      attemptId: runtime.newId(),
      password: hash,
      epoch: before + 1,
      ...(credential.key !== undefined && { key: credential.key }),
    };
    // Otherwise it was changed at the same time: read it again.
    if (await credentials.replace(credential.attemptId, next)) break;
  }
  const end = async () => {
    const { ended } = await endEverySession(ports, username, '');
    await notifyEnded(ports.gateway, ended, 'password_reset');
    return { username, connections: ended.size };
  };
  return afterCommit('The password was reset, but not every earlier session has ended', end());
}
