import { ChatError, type login as command, groupOf, limits, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { isGone, lastSeen } from '../delivery/deliver.ts';
import { timestamp } from '../entries.ts';
import { OutcomeUnknown } from '../errors.ts';
import type { Bound, Caller, Device, Inbox, Millis, Policy, Validity } from '../model.ts';
import { type HandOverPorts, handOverPage, handOverPending } from '../sync/hand-over.ts';
import { chatsIn, type Walk } from '../sync/news.ts';
import { PendingPointers } from '../sync/pending-pointers.ts';
import { type AuthenticatePorts, authenticate, isStillValid, type Proof } from './authenticate.ts';
import { authenticateByToken, type TokenPorts } from './authenticate-by-token.ts';
import { invalidCredentials } from './login-throttle.ts';
import { unbind } from './logout.ts';
import { openSession, type SessionFields, sessionFields } from './sessions.ts';

interface Ports extends HandOverPorts {
  policy: Policy;
}

/** The ports of `login`. */
export interface LoginPorts extends Ports, AuthenticatePorts {}

/** The ports of `loginByToken`. */
export interface TokenLoginPorts extends Ports, TokenPorts {}

type Request = RequestOf<typeof command>;

/**
 * Binds the connection to a user of this service and delivers what is pending. It posts its reply itself, because a
 * pointer may be removed only after the gateway has accepted the frame with its messages.
 * @throws ChatError `invalid_credentials`, `already_logged_in`, `rate_limited`, `limit_reached`
 */
export async function login(
  ports: LoginPorts,
  request: Request,
  caller: Caller,
  requestId?: string,
): Promise<void> {
  const proof = await authenticate(ports, request, caller);
  const { username, epoch } = proof;
  const ticket = ticketFor(ports, proof, caller);
  const entry: Entry = {
    username,
    valid: { epoch },
    session: ticket?.digest,
    fields: (inbox) => ticket?.open(inbox.epoch),
    async renew(inbox) {
      if (!(await isStillValid(ports, proof))) throw invalidCredentials();
      return { epoch: inbox.epoch };
    },
  };
  await enter(ports, entry, request, caller, requestId);
}

/**
 * As `login`, for a user of the identity provider. The login ends when its token expires; one with a fresh token on the
 * same connection goes on without a gap.
 * @throws ChatError `invalid_token`, `token_expired`, `session_expired`, `already_logged_in`, `rate_limited`, `limit_reached`
 */
export async function loginByToken(
  ports: TokenLoginPorts,
  request: Request,
  caller: Caller,
  requestId?: string,
): Promise<void> {
  const { username, issued, until } = await authenticateByToken(ports, request);
  const entry: Entry = {
    username,
    valid: { issued },
    until,
    fields: async () => ({
      session_expires: timestamp(until),
      session_expires_in_ms: until - ports.runtime.now(),
    }),
    async renew() {
      throw new ChatError(
        'session_expired',
        'You were logged out everywhere after the token was issued: log in with a fresh one.',
      );
    },
  };
  await enter(ports, entry, request, caller, requestId);
}

/** What an authenticated user logs in with. */
interface Entry {
  username: string;
  valid: Validity;
  until?: Millis;
  /** The digest of the session's token. */
  session?: string;
  /** What the reply says of the session, once the inbox lists the device. */
  fields(inbox: Inbox): Promise<SessionFields> | undefined;
  /** Checks again, after all sessions were ended. @throws ChatError if it is not valid any more */
  renew(inbox: Inbox): Promise<Validity>;
}

async function enter(
  ports: Ports,
  entry: Entry,
  request: Request,
  caller: Caller,
  requestId?: string,
): Promise<void> {
  const { username, session, until } = entry;
  const { connectionId, form } = caller;
  await caller.admit?.(username);
  const now = ports.runtime.now();
  const login = ports.runtime.newId();
  const expiry = until !== undefined && { until };
  // Write the row before the inbox: if this dies afterwards, `$disconnect` still knows whose inbox to clean up.
  const row = { username, form, session, login, ...expiry };
  const bound = await ports.connections.bind(connectionId, row, now);
  if (!bound) {
    throw new ChatError('already_logged_in', 'This connection is logged in as another user: log out first.');
  }
  const device: Device = { form, since: now, login, ...expiry, ...(request.batches && { batches: true }) };
  const inbox = await connectDevice(ports, entry, connectionId, device).catch(async (error: unknown) => {
    await afterCommit('Bound, but not logged in', undoLogin(ports, connectionId, row, error, bound.before));
    throw error;
  });
  const handOver = async () => {
    const { cursors, to_chat } = request;
    const walk: Walk | undefined = cursors && { cursors, to_chat };
    const [listed, fields, pointers] = await Promise.all([
      // Of ids in order, few sort before those of groups.
      walk ? chatsIn(ports, username, {}) : ports.members.groupsOf(username),
      entry.fields(inbox) ?? {},
      PendingPointers.read(ports, { username, connectionId, login }, inbox),
    ]);
    const groups = namesThatFit(listed.flatMap((chat) => groupOf(chat) ?? []));
    const loginSession = { username, caller, requestId, groups, session: fields, until };
    if (walk) await handOverPage(ports, loginSession, pointers, { walk, listed });
    else await handOverPending(ports, loginSession, pointers);
  };
  await afterCommit('Logged in, but not everything was delivered', handOver());
}

/**
 * Undoes a login that was refused or failed. A connection that was logged in before stays so. Otherwise the row is
 * deleted: with the row alone, the connection could send, and `logout everywhere` would not find it. If the inbox may
 * still list it later, it is closed, because somebody else could log in on it.
 * @param why why the inbox doesn't list it
 * @param before the previous row; this login's own if the SDK sent the call that bound it twice
 */
async function undoLogin(
  ports: Ports,
  connectionId: string,
  row: LoginRow,
  why: unknown,
  before?: Bound,
): Promise<void> {
  const { username, login } = row;
  if (before === undefined || before.login === login) {
    if (why instanceof OutcomeUnknown) await ports.gateway.close(connectionId);
    await unbind(ports, connectionId, username);
  } else await ports.connections.restore(connectionId, before, login, ports.runtime.now());
}

type LoginRow = Bound & { login: string };

/** The digest of a login's session token, and how to open the session once the inbox lists the connection. */
interface Ticket {
  digest: string;
  open(epoch: number): Promise<SessionFields>;
}

/** A new session, or the one whose token was sent. None for a caller without a field for a token. */
function ticketFor(ports: LoginPorts, { username, shown }: Proof, caller: Caller): Ticket | undefined {
  if (shown) {
    const { session, token } = shown;
    return { digest: session.digest, open: async () => sessionFields(token, session) };
  }
  if (caller.withoutTokens) return undefined;
  const token = ports.secrets.newToken();
  const digest = ports.secrets.digest(token);
  return {
    digest,
    open: async (epoch) => sessionFields(token, await openSession(ports, { digest, username, epoch })),
  };
}

/**
 * Adds the device to the inbox if the proof is still valid, so that a device whose sessions were ended meanwhile never
 * receives messages.
 */
async function connectDevice(
  ports: Ports,
  { username, valid: first, renew }: Entry,
  connectionId: string,
  device: Device,
): Promise<Inbox> {
  for (let valid = first; ; ) {
    const inbox = await ports.inboxes.connect(username, connectionId, device, valid, ports.policy.devices);
    if (!inbox.refused) return inbox;
    if (wasRevoked(inbox, valid)) valid = await renew(inbox);
    else await makeRoom(ports, username, inbox);
  }
}

const wasRevoked = (inbox: Inbox, { epoch, issued }: Validity): boolean =>
  (epoch !== undefined && inbox.epoch > epoch) ||
  (issued !== undefined && inbox.revoked !== undefined && inbox.revoked >= issued);

/**
 * Removes connections that are gone or whose login has expired, which don't count for the limit.
 * @throws ChatError `limit_reached` if none is
 */
async function makeRoom(ports: Ports, username: string, inbox: Inbox): Promise<void> {
  const devices = [...inbox.connections];
  const gone = await Promise.all(devices.map(([id, device]) => isGone(ports, id, device)));
  for (const [index, [id, { login }]] of devices.entries())
    if (gone[index]) await ports.inboxes.disconnect(username, id, lastSeen(inbox), login);
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
