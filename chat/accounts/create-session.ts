import {
  ChatError,
  type createSession as command,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { timestamp } from '../entries.ts';
import type { Policy } from '../model.ts';
import type { Credentials, Inboxes } from '../ports.ts';
import { requireUser } from '../require-user.ts';
import { openSession, type SessionPorts } from './sessions.ts';

/**
 * Opens a session for a user, for the operator.
 * @throws ChatError `unknown_recipient`, `not_allowed`
 */
export async function createSession(
  ports: SessionPorts & { credentials: Credentials; inboxes: Inboxes },
  { username }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  refuseSessions(ports.policy);
  // Before the credential: an erasure that comes in between ends the session of the epoch that was read.
  const epoch = (await ports.inboxes.getMany([username])).get(username)?.epoch ?? 0;
  await requireUser(ports, username);
  const token = ports.secrets.newToken();
  const { expires } = await openSession(ports, { username, digest: ports.secrets.digest(token), epoch });
  return { username, session_token: token, session_expires: timestamp(expires) };
}

/** @throws ChatError `not_allowed` where tokens of an identity provider are all that logs users in */
export function refuseSessions({ hasProvider }: Policy): void {
  if (hasProvider)
    throw new ChatError(
      'not_allowed',
      'Users log in with tokens of the identity provider, not with sessions.',
    );
}
