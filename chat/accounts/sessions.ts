import { type Ending, writeEnding } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { timestamp } from '../entries.ts';
import type { Device, Policy, Session } from '../model.ts';
import type { Connections, Gateway, Inboxes, Secrets, Sessions, World } from '../ports.ts';

/** What a reply says of a session: shapes as in `protocol/fields.ts`. */
export interface SessionFields {
  session_token?: string;
  session_expires?: string;
}

/** What opening a session needs. */
export interface SessionPorts {
  sessions: Sessions;
  secrets: Secrets;
  policy: Policy;
  world: World;
}

/** What a reply tells of a session, to the one who has its token. */
export const sessionFields = (token: string, { expires }: Pick<Session, 'expires'>): SessionFields => ({
  session_token: token,
  session_expires: timestamp(expires),
});

/** Opens a session; only its token's digest is kept. @param epoch of the user's inbox */
export async function openSession(
  { sessions, policy, world }: SessionPorts,
  { username, digest, epoch }: Omit<Session, 'expires'>,
): Promise<Session> {
  const session = { digest, username, epoch, expires: world.now() + policy.sessionLife };
  await sessions.open(session);
  return session;
}

/**
 * Ends every session of a user, and every connection but one. The epoch comes first: who connects later must prove
 * anew who they are, and who connected before is listed. Should it die in between, a second try finds the rest.
 * @returns the epoch that has begun, and the connections that were ended: they are to be told next (`tellEnded`)
 */
export async function endEverySession(
  { connections, inboxes, world }: { connections: Connections; inboxes: Inboxes; world: World },
  username: string,
  except: string,
): Promise<{ epoch: number; ended: Ended }> {
  const { connections: devices, epoch } = await inboxes.revoke(username);
  const ended = new Map([...devices].filter(([connectionId]) => connectionId !== except));
  const end = async () => {
    for (const connectionId of ended.keys()) {
      // The row first: what is in no inbox any more must not be able to speak.
      await connections.unbind(connectionId, username);
      await inboxes.disconnect(username, connectionId, world.now());
    }
  };
  await afterCommit('All sessions are over, but not every connection', end());
  return { epoch, ended };
}

/** Connections that can neither speak nor be posted to by the rules any more, and the form that each reads. */
type Ended = ReadonlyMap<string, Pick<Device, 'form'>>;

/**
 * Tells each ended connection why, and closes it: else it stays open, silent, and its client shows that it is online.
 * Best effort, after all that was promised: one that is not told learns it from its next request.
 */
export async function tellEnded(gateway: Gateway, ended: Ended, why: Ending): Promise<void> {
  const tell = async ([connectionId, { form }]: [string, Pick<Device, 'form'>]) => {
    const posted = await gateway.post(connectionId, writeEnding(why, form));
    if (posted !== 'gone') await gateway.close(connectionId);
  };
  await Promise.all([...ended].map(tell));
}
