import { type Ending, writeEnding } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { timestamp } from '../entries.ts';
import type { Device, Policy, Session } from '../model.ts';
import type { Connections, Gateway, Inboxes, Runtime, Secrets, Sessions } from '../ports.ts';

/** The fields of a reply that describe a session (protocol/fields.ts). */
export interface SessionFields {
  session_token?: string;
  session_expires?: string;
}

/** The ports of `openSession`. */
export interface SessionPorts {
  sessions: Sessions;
  secrets: Secrets;
  policy: Policy;
  runtime: Runtime;
}

export const sessionFields = (token: string, { expires }: Pick<Session, 'expires'>): SessionFields => ({
  session_token: token,
  session_expires: timestamp(expires),
});

/** Opens a session; only its token's digest is stored. @param epoch the session epoch in the user's inbox */
export async function openSession(
  { sessions, policy, runtime }: SessionPorts,
  { username, digest, epoch }: Omit<Session, 'expires'>,
): Promise<Session> {
  const session = { digest, username, epoch, expires: runtime.now() + policy.sessionLife };
  await sessions.open(session);
  return session;
}

/**
 * Ends every session of a user, and every connection but one. It increments the epoch first: later logins must
 * authenticate again, and the inbox lists all earlier ones. If it dies in between, a retry finds the rest.
 * @returns the new epoch, and the ended connections, for `notifyEnded`
 */
export async function endEverySession(
  { connections, inboxes, runtime }: { connections: Connections; inboxes: Inboxes; runtime: Runtime },
  username: string,
  except: string,
): Promise<{ epoch: number; ended: Ended }> {
  const { connections: devices, epoch } = await inboxes.revoke(username, runtime.now());
  const ended = new Map([...devices].filter(([connectionId]) => connectionId !== except));
  const end = async () => {
    for (const connectionId of ended.keys()) {
      // Delete the row first: a connection that the inbox doesn't list must not be able to send.
      await connections.unbind(connectionId, username);
      await inboxes.disconnect(username, connectionId, runtime.now());
    }
  };
  await afterCommit('All sessions have ended, but not every connection', end());
  return { epoch, ended };
}

/** Unbound connections, and the form that each reads. */
type Ended = ReadonlyMap<string, Pick<Device, 'form'>>;

/**
 * Notifies each ended connection of the reason and closes it: otherwise its client would keep showing that it is online.
 * Best effort: a connection that misses the notice learns it from its next request.
 */
export async function notifyEnded(gateway: Gateway, ended: Ended, why: Ending): Promise<void> {
  const tell = async ([connectionId, { form }]: [string, Pick<Device, 'form'>]) => {
    const posted = await gateway.post(connectionId, writeEnding(why, form));
    if (posted !== 'gone') await gateway.close(connectionId);
  };
  await Promise.all([...ended].map(tell));
}
