import { ChatError, type login as command, limits, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { groupOf } from '../chat-id.ts';
import { isGone, lastSeen } from '../delivery/deliver.ts';
import type { Bound, Caller, Device, Inbox } from '../model.ts';
import { type HandOverPorts, handOverPage, handOverPending } from '../sync/hand-over.ts';
import { chatsIn, type Walk } from '../sync/news.ts';
import { PendingPointers } from '../sync/pending-pointers.ts';
import { type AuthenticatePorts, authenticate, type Proof, stillHolds } from './authenticate.ts';
import { invalidCredentials } from './login-throttle.ts';
import { unbind } from './logout.ts';
import { openSession, type SessionFields, sessionFields } from './sessions.ts';

/** What login needs. */
export interface LoginPorts extends HandOverPorts, AuthenticatePorts {}

/**
 * Binds the connection to the user, and hands over what is pending. It posts its reply itself, since a
 * pointer may be taken off only after the gateway took the frame that carries its messages.
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
  const now = ports.world.now();
  const mark = ports.world.newId();
  const ticket = ticketFor(ports, proof, caller);
  // The row before the inbox: whatever dies after it, `$disconnect` knows whose inbox to look into.
  const row = { username, form, session: ticket?.digest, login: mark };
  const bound = await ports.connections.bind(connectionId, row, now);
  if (!bound) {
    throw new ChatError('already_logged_in', 'This connection is logged in as somebody else: log out first.');
  }
  const inbox = await connectDevice(ports, proof, connectionId, { form, since: now, login: mark }).catch(
    async (error: unknown) => {
      await afterCommit('Bound, but not logged in', undo(ports, connectionId, row, bound.before));
      throw error;
    },
  );
  const handOver = async () => {
    const { cursors, to_chat } = request;
    const walk: Walk | undefined = cursors && { cursors, to_chat };
    const [listed, session, pointers] = await Promise.all([
      // Groups come first among all chats.
      walk ? chatsIn(ports, username, {}) : ports.members.groupsOf(username),
      ticket?.open(inbox.epoch) ?? {},
      PendingPointers.read(ports, { username, connectionId, mark }, inbox),
    ]);
    const groups = namesThatFit(listed.flatMap((chat) => groupOf(chat) ?? []));
    const whole = { username, caller, requestId, groups, session };
    if (walk) await handOverPage(ports, whole, pointers, { walk, listed });
    else await handOverPending(ports, whole, pointers);
  };
  await afterCommit('Logged in, but not everything was handed over', handOver());
}

/**
 * Takes back what a login did that is refused, or failed: a connection that was logged in before stays so. Of any other,
 * the row goes: alone it could speak, and ending all sessions would not find it.
 * @param before what the row was; the login's own if the call that bound it was made twice
 */
async function undo(ports: LoginPorts, connectionId: string, row: LoginRow, before?: Bound): Promise<void> {
  const { username, login: mark } = row;
  if (before === undefined || before.login === mark) await unbind(ports, connectionId, username);
  else await ports.connections.restore(connectionId, before, mark, ports.world.now());
}

type LoginRow = Bound & { login: string };

/** What a login's session is known by, and how to open it once the login is in the inbox. */
interface Ticket {
  digest: string;
  open(epoch: number): Promise<SessionFields>;
}

/** A new session, unless one was shown. None where nobody would see the token, or an identity provider gives its own. */
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
 * Adds the device to the inbox, in the epoch that the proof is from: one who was locked out in the meantime is
 * never among those that messages are handed to.
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
    if (wasRevoked && !(await stillHolds(ports, proof))) {
      throw invalidCredentials();
    }
    if (wasRevoked) epoch = inbox.epoch;
    else await makeRoom(ports, username, inbox);
  }
}

/** Takes out devices that are gone: the limit is on those that are there. @throws ChatError `limit_reached` if all are */
async function makeRoom(ports: LoginPorts, username: string, inbox: Inbox): Promise<void> {
  const devices = [...inbox.connections];
  const gone = await Promise.all(devices.map(([id, device]) => isGone(ports, id, device)));
  for (const [index, [id]] of devices.entries())
    if (gone[index]) await ports.inboxes.disconnect(username, id, lastSeen(inbox));
  if (gone.some(Boolean)) return;
  throw new ChatError('limit_reached', `You are logged in on ${ports.policy.devices} connections already.`);
}

/** Half of the reply's frame, so that nobody is in too many groups to log in. A name has no character to escape. */
function namesThatFit(names: readonly string[]): string[] {
  let room = limits.frameBytes / 2;
  return names.filter((name) => {
    room -= name.length + 3;
    return room >= 0;
  });
}
