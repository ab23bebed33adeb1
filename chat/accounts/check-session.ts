import {
  ChatError,
  type checkSession as command,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { timestamp } from '../entries.ts';
import type { Policy } from '../model.ts';
import type { Inboxes, Runtime, Secrets, Sessions } from '../ports.ts';
import { refuseSessions } from './create-session.ts';

interface Ports {
  inboxes: Inboxes;
  policy: Policy;
  runtime: Runtime;
  secrets: Secrets;
  sessions: Sessions;
}

/**
 * Says whose session a token is, as long as a login would take it.
 * @throws ChatError `invalid_credentials`, `not_allowed`
 */
export async function checkSession(
  { inboxes, policy, runtime, secrets, sessions }: Ports,
  { session_token: token }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  refuseSessions(policy);
  const session = await sessions.get(secrets.digest(token));
  if (session !== undefined && session.expires > runtime.now()) {
    const { username, epoch, expires } = session;
    const current = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    if (current <= epoch) return { username, session_expires: timestamp(expires) };
  }
  throw new ChatError('invalid_credentials', 'No session has this token, or it has ended.');
}
