import { ChatError, type login as command, groupOf, limits, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { isGone, lastSeen } from '../delivery/deliver.ts';
import type { Bound, Caller, Device, Inbox } from '../model.ts';
import { type HandOverPorts, handOverPage, handOverPending } from '../sync/hand-over.ts';
import { chatsIn, type Walk } from '../sync/news.ts';
import { PendingPointers } from '../sync/pending-pointers.ts';
import { type AuthenticatePorts, authenticate, isStillValid, type Proof } from './authenticate.ts';
import { invalidCredentials } from './login-throttle.ts';
import { unbind } from './logout.ts';
import { openSession, type SessionFields, sessionFields } from './sessions.ts';

/** The ports of `login`. */
export interface LoginPorts extends HandOverPorts, AuthenticatePorts {}

/**
 * Binds the connection to the user and delivers what is pending. It posts its reply itself, because a pointer may be
 * removed only after the gateway has accepted the frame with its messages.
 * @throws ChatError `invalid_credentials`, `already_logged_in`, `rate_limited`, `limit_reached`
 */
export async function login(
  ports: LoginPorts,
  request: RequestOf<typeof command>,
  caller: Caller,
  requestId?: string,
): Promise<void> {
  const { connectionId, form } = caller;
  const proof = await authenticate(ports, request, caller);
  const { username } = proof;
  await caller.admit?.(username);
  const now = ports.runtime.now();
  const login = ports.runtime.newId();
  const ticket = ticketFor(ports, proof, caller);
  // Write the row before the inbox: if this dies afterwards, `$disconnect` still knows whose inbox to clean up.
  const row = { username, form, session: ticket?.digest, login };
  const bound = await ports.connections.bind(connectionId, row, now);
  if (!bound) {
    throw new ChatError('already_logged_in', 'This connection is logged in as another user: log out first.');
  }
  const inbox = await connectDevice(ports, proof, connectionId, { form, since: now, login }).catch(
    async (error: unknown) => {
      await afterCommit('Bound, but not logged in', undoLogin(ports, connectionId, row, bound.before));
      throw error;
    },
  );
  const handOver = async () => {
    const { cursors, to_chat } = request;
    const walk: Walk | undefined = cursors && { cursors, to_chat };
    const [listed, session, pointers] = await Promise.all([
      // Of ids in order, few sort before those of groups.
      walk ? chatsIn(ports, username, {}) : ports.members.groupsOf(username),
      ticket?.open(inbox.epoch) ?? {},
      PendingPointers.read(ports, { username, connectionId, login }, inbox),
    ]);
    const groups = namesThatFit(listed.flatMap((chat) => groupOf(chat) ?? []));
    const loginSession = { username, caller, requestId, groups, session };
    if (walk) await handOverPage(ports, loginSession, pointers, { walk, listed });
    else await handOverPending(ports, loginSession, pointers);
  };
  await afterCommit('Logged in, but not everything was delivered', handOver());
}

/**
 * Undoes a login that was refused or failed. A connection that was logged in before stays so. Otherwise the row is
 * deleted: with the row alone, the connection could send, and `logout everywhere` would not find it.
 * @param before the previous row; this login's own if the SDK sent the call that bound it twice
 */
async function undoLogin(
  ports: LoginPorts,
  connectionId: string,
  row: LoginRow,
  before?: Bound,
): Promise<void> {
  const { username, login } = row;
  if (before === undefined || before.login === login) await unbind(ports, connectionId, username);
  else await ports.connections.restore(connectionId, before, login, ports.runtime.now());
}

type LoginRow = Bound & { login: string };

/** The digest of a login's session token, and how to open the session once the inbox lists the connection. */
interface Ticket {
  digest: string;
  open(epoch: number): Promise<SessionFields>;
}

/** A new session, or the one whose token was sent. None in text, which has no field for a token, or with an identity provider. */
function ticketFor(ports: LoginPorts, { username, shown }: Proof, caller: Caller): Ticket | undefined {
  if (shown) {
    const { session, token } = shown;
    return { digest: session.digest, open: async () => sessionFields(token, session) };
  }
  if (caller.form === 'text' || caller.identity !== undefined) return undefined;
  const token = ports.secrets.newToken();
  const digest = ports.secrets.digest(token);
  return {
    digest,
    open: async (epoch) => sessionFields(token, await openSession(ports, { digest, username, epoch })),
  };
}

/**
 * Adds the device to the inbox if the proof's epoch still applies, so that a device whose sessions were ended meanwhile
 * never receives messages.
 */
async function connectDevice(
  ports: LoginPorts,
  proof: Proof,
  connectionId: string,
  device: Device,
): Promise<Inbox> {
  const { username } = proof;
  let { epoch } = proof;
  for (;;) {
    const inbox = await ports.inboxes.connect(username, connectionId, device, epoch, ports.policy.devices);
    if (!inbox.refused) return inbox;
    const wasRevoked = epoch !== undefined && inbox.epoch > epoch;
    if (wasRevoked && !(await isStillValid(ports, proof))) {
      throw invalidCredentials();
    }
    if (wasRevoked) epoch = inbox.epoch;
    else await makeRoom(ports, username, inbox);
  }
}

/** Removes connections that are gone, which don't count for the limit. @throws ChatError `limit_reached` if all are open */
async function makeRoom(ports: LoginPorts, username: string, inbox: Inbox): Promise<void> {
  const devices = [...inbox.connections];
  const gone = await Promise.all(devices.map(([id, device]) => isGone(ports, id, device)));
  for (const [index, [id]] of devices.entries())
    if (gone[index]) await ports.inboxes.disconnect(username, id, lastSeen(inbox));
  if (gone.some(Boolean)) return;
  throw new ChatError('limit_reached', `You are logged in on ${ports.policy.devices} connections already.`);
}

/** As many groups' names as fit into half of the frame, so that any number allows a login. They need no JSON escapes. */
function namesThatFit(names: readonly string[]): string[] {
  let room = limits.frameBytes / 2;
  return names.filter((name) => {
    room -= name.length + 3;
    return room >= 0;
  });
}
