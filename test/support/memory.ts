import {
  type Bound,
  type Bucket,
  type Claimed,
  type Credential,
  type Device,
  type FanOut,
  type Gathered,
  INBOX_POINTERS,
  type Inbox,
  type Invitation,
  isFullInbox,
  type LogEntry,
  type Member,
  type MemberRow,
  type Name,
  type OverflowPointer,
  type Policy,
  type Profile,
  type Session,
} from '../../chat/model.ts';
import type {
  BeforeSend,
  Connections,
  Cooldown,
  Copies,
  Credentials,
  Directory,
  FanOutQueue,
  Gateway,
  History,
  IdentityProvider,
  Inboxes,
  Invitations,
  Members,
  Overflow,
  Profiles,
  RateLimiter,
  RateLimits,
  Runtime,
  Secrets,
  Sessions,
  Verdict,
  Verdicts,
} from '../../chat/ports.ts';
import { limits } from '../../protocol/index.ts';
import type { StorePorts } from '../../store/tables.ts';

interface InboxItem {
  connections: Record<string, Device>;
  pending: Record<string, number>;
  /** Whether anything may be pending: only then are backends told of changes (lib/events.ts). */
  hasPending?: true;
  epoch?: number;
  revoked?: number;
  overflow?: string;
}

/** All that the ports keep, as plain data: it can be copied, compared and printed. */
export interface MemoryState {
  /** By name; of users of an identity provider by `@ID`, as in the store. */
  names: Record<string, Name>;
  /** Whether users and groups have a namespace each; absent, they share one. */
  areApart?: true;
  connections: Record<string, Bound>;
  credentials: Record<string, Credential>;
  /** Of users and groups; null for one that was erased. */
  profiles: Record<string, Profile | null>;
  sessions: Record<string, Session>;
  levels: Record<string, Bucket>;
  /** Part of a fan-out → the copy that claimed it. */
  copies: Record<string, string>;
  /** Message → the first verdict on it. */
  verdicts: Record<string, Verdict>;
  /** Page of a fan-out → its last member. */
  pageEnds: Record<string, string | undefined>;
  /** List → the messages of a large group that go together. */
  gathered: Record<string, Gathered>;
  inboxes: Record<string, InboxItem>;
  /** How many pointers an inbox holds; absent, as many as in the store. */
  room?: number;
  /** User → what their inbox had no room for. */
  overflow: Record<string, OverflowPointer[]>;
  /** Of each inbox, when a connection was last taken out: nothing of what is promised depends on it. */
  lastSeen: Record<string, number>;
  /** Chat → username → row. */
  members: Record<string, Record<string, MemberRow>>;
  /** User and group → the invitation. */
  invitations: Record<string, Invitation>;
  /** Group and user → the group that they were removed from. */
  removals: Record<string, { attemptId: string; generation: number }>;
  /** Chat → its log; seq 1 comes first. */
  history: Record<string, LogEntry[]>;
  /** What is to be done later, by `fanOut`. */
  later: FanOut[];
  /** Connection → what became of it, and the frames that it took. */
  sockets: Record<string, { open: boolean; unreachable?: boolean; frames: string[] }>;
}

export const emptyState = (): MemoryState => ({
  names: {},
  connections: {},
  credentials: {},
  profiles: {},
  sessions: {},
  levels: {},
  copies: {},
  verdicts: {},
  pageEnds: {},
  gathered: {},
  inboxes: {},
  overflow: {},
  lastSeen: {},
  members: {},
  invitations: {},
  removals: {},
  history: {},
  later: [],
  sockets: {},
});

/** One call of a port: who is asked what. */
export interface PortCall {
  port: Exclude<
    keyof AllPorts,
    | 'runtime'
    | 'beforeSend'
    | 'fanOutPageSize'
    | 'batchWindow'
    | 'secrets'
    | 'policy'
    | 'provider'
    | 'rateLimiter'
    | 'registrations'
    | 'invalidLogins'
    | 'creations'
    | 'typings'
    | 'invitationPace'
  >;
  method: string;
  args: readonly unknown[];
}

/** Decides when, and whether, a call takes effect. `perform` is atomic. */
export type Gate = <T>(call: PortCall, perform: () => T) => Promise<T>;

/** Every port that the rules ask for. */
export interface AllPorts extends StorePorts {
  gateway: Gateway;
  fanOutQueue: FanOutQueue;
  /** None, unless a test has one. */
  beforeSend: BeforeSend | undefined;
  /** Few, so that a test needs no thousand members. */
  fanOutPageSize: number;
  /** None, unless a test has one. */
  batchWindow: number;
  /** Let everything through; chat/rate-limits/rate-limiter.ts has tests of its own. */
  registrations: RateLimiter;
  invalidLogins: RateLimiter;
  creations: RateLimiter;
  /** Likewise; chat/rate-limits/cooldown.ts has tests of its own. */
  typings: Cooldown;
  invitationPace: Cooldown;
  secrets: Secrets;
  policy: Policy;
  /** Of which a test can write tokens: `tokenOf` (chat.ts). */
  provider: IdentityProvider;
  runtime: Runtime;
}

/** Secrets that a test can read. */
const testSecrets = (newId: () => string): Secrets => ({
  hash: async (password) => `hash of ${password}`,
  matches: async (password, hash) => hash === `hash of ${password}`,
  newToken: () => `token-${newId()}`,
  digest: (token) => `digest of ${token}`,
});

const testProvider: IdentityProvider = { verify: async (token) => JSON.parse(token) };

const testPolicy = (): Policy => ({
  hasProvider: false,
  passwords: 'optional',
  registration: 'open',
  passwordLength: 1,
  sessionLife: 3_600_000,
  devices: 10,
});

const atOnce: Gate = async (_, perform) => perform();

/**
 * The ports over a state, each call atomic on single items, as DynamoDB's are. Rows and entries are replaced, never
 * changed, so that what was answered stays as it was.
 */
export function memoryPorts(state: MemoryState, runtime: Runtime, gate: Gate = atOnce): AllPorts {
  const ports = {
    directory: directoryIn(state),
    connections: connectionsIn(state),
    inboxes: inboxesIn(state),
    overflow: overflowIn(state),
    invitations: invitationsIn(state),
    members: membersIn(state),
    history: historyIn(state),
    gateway: gatewayTo(state),
    fanOutQueue: fanOutQueueIn(state),
    credentials: credentialsIn(state),
    profiles: profilesIn(state),
    sessions: sessionsIn(state),
    rateLimits: rateLimitsIn(state),
    copies: copiesIn(state),
    verdicts: verdictsIn(state),
  };
  const gated = (port: PortCall['port']) =>
    new Proxy(ports[port], {
      get: (methods, method: string) => {
        const own = (methods as unknown as Methods)[method];
        if (typeof own !== 'function') return own;
        return (...args: unknown[]) => gate({ port, method, args }, () => own(...args));
      },
    });
  // Not the runtime's: a model must not tell two states apart by how many tokens were made.
  let made = 0;
  const tokens = () => String(++made);
  const names = Object.keys(ports) as PortCall['port'][];
  const meter = { admit: async () => {}, charge: async () => {} };
  const pace = { admit: async () => true };
  const rest = {
    runtime,
    beforeSend: undefined,
    fanOutPageSize: 10,
    batchWindow: 0,
    registrations: meter,
    invalidLogins: meter,
    creations: meter,
    typings: pace,
    invitationPace: pace,
    secrets: testSecrets(tokens),
    policy: testPolicy(),
    provider: testProvider,
  };
  return { ...Object.fromEntries(names.map((port) => [port, gated(port)])), ...rest } as unknown as AllPorts;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** A port's methods, without their promises. */
type Plain<P> = {
  [M in keyof P]: P[M] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : P[M];
};

const directoryIn = (state: MemoryState): Plain<Directory> => ({
  get areApart() {
    return state.areApart ?? false;
  },
  reserve: (name) => {
    const key = keyIn(state, name);
    state.names[key] ??= name;
    return state.names[key] as Name;
  },
  get: (name, kind) => state.names[keyIn(state, { name, kind })],
  getMany: (groups) => {
    const found = groups.flatMap((name) => state.names[name] ?? []);
    return new Map(found.filter(({ kind }) => kind === 'group').map((each) => [each.name, each]));
  },
  startTakeover: (group, attemptId) => updated(state, group, () => ({ wanted: attemptId })) !== undefined,
  takeOver: ({ name, attemptId }, next) => {
    const found = state.names[name];
    if (found?.attemptId === next.attemptId) return true;
    if (found?.attemptId !== attemptId || found.wanted !== next.attemptId) return false;
    state.names[name] = next;
    return true;
  },
  cancelTakeover: (group) => updated(state, group, () => ({ wanted: undefined })) !== undefined,
  count: (group, more, counted, most = Number.POSITIVE_INFINITY) => {
    const found = state.names[group.name];
    if (found?.attemptId !== group.attemptId || found.kind !== 'group' || found.counted === counted)
      return found?.attemptId === group.attemptId ? found : undefined;
    if (found.recounts !== group.recounts) return { ...found, refused: 'recounted' };
    if ((found.members ?? 0) >= most) return { ...found, refused: 'full' };
    return updated(state, group, ({ members = 0, wanted }) => ({
      members: members + more,
      counted,
      wanted: more > 0 ? undefined : wanted,
    }));
  },
  recount: (group, members, counted, recounted) => {
    const found = state.names[group.name];
    if (found?.attemptId !== group.attemptId || found.counted === counted)
      return found?.attemptId === group.attemptId ? found : undefined;
    if (found.counted !== group.counted) return undefined;
    return updated(state, group, ({ recounts = 0 }) => ({
      members,
      counted,
      recounted,
      recounts: recounts + 1,
      wanted: undefined,
    }));
  },
  passOwnership: (group, from, to) =>
    updated(state, group, ({ owner }) => ({ owner: owner === from ? to : owner })),
  updateSettings: (group, settings) => updated(state, group, () => settings) !== undefined,
  note: (group, what) => updated(state, group, () => ({ [what]: true })) !== undefined,
  bar: ({ name, attemptId, generation = 0 }, username) => {
    const found = state.removals[`${name} ${username}`];
    if ((found?.generation ?? 0) <= generation)
      state.removals[`${name} ${username}`] = { attemptId, generation };
  },
  unbar: ({ name, attemptId }, username) => {
    const found = state.removals[`${name} ${username}`];
    if (attemptId === undefined || found?.attemptId === attemptId)
      delete state.removals[`${name} ${username}`];
  },
  isBarred: ({ name, attemptId }, username) => state.removals[`${name} ${username}`]?.attemptId === attemptId,
});

const keyIn = ({ areApart }: MemoryState, { name, kind }: Pick<Name, 'name' | 'kind'>): string =>
  areApart && kind === 'user' ? `@${name}` : name;

/** A group with this changed; undefined, and as it was, if the name is another's. */
function updated(
  state: MemoryState,
  { name, attemptId }: Claimed,
  change: (found: Name) => Partial<Name>,
): Name | undefined {
  const found = state.names[name];
  if (found?.attemptId !== attemptId || found.kind !== 'group') return undefined;
  const entries = Object.entries({ ...found, ...change(found) }).filter(([, value]) => value !== undefined);
  state.names[name] = Object.fromEntries(entries) as unknown as Name;
  return state.names[name];
}

const invitationsIn = (state: MemoryState): Plain<Invitations> => ({
  put: (invitation) => {
    const key = `${invitation.username} ${invitation.group}`;
    if ((state.invitations[key]?.generation ?? 0) <= (invitation.generation ?? 0))
      state.invitations[key] = invitation;
  },
  get: (username, group) => state.invitations[`${username} ${group}`],
  remove: ({ username, group, id }) => {
    if (state.invitations[`${username} ${group}`]?.id === id)
      delete state.invitations[`${username} ${group}`];
  },
  page: (username, after, limit) =>
    Object.values(state.invitations)
      .filter((each) => each.username === username && each.group > after)
      .sort((one, other) => (one.group < other.group ? -1 : 1))
      .slice(0, limit),
  pageOf: (group, after, limit) =>
    Object.values(state.invitations)
      .filter((each) => each.group === group && each.username > after)
      .sort((one, other) => (one.username < other.username ? -1 : 1))
      .slice(0, limit),
});

const connectionsIn = (state: MemoryState): Plain<Connections> => ({
  bind: (connectionId, bound) => {
    const before = state.connections[connectionId];
    if (before !== undefined && before.username !== bound.username) return false;
    state.connections[connectionId] = bound;
    return before ? { before } : {};
  },
  restore: (connectionId, before, login) => {
    if (state.connections[connectionId]?.login === login) state.connections[connectionId] = before;
  },
  unbind: (connectionId, username) => {
    if (state.connections[connectionId]?.username === username) delete state.connections[connectionId];
  },
  get: (connectionId) => state.connections[connectionId],
});

const credentialsIn = (state: MemoryState): Plain<Credentials> => ({
  create: (credential) => {
    state.credentials[credential.username] ??= credential;
    return state.credentials[credential.username] as Credential;
  },
  get: (username) => state.credentials[username],
  replace: (attemptId, credential) => {
    if (state.credentials[credential.username]?.attemptId !== attemptId) return false;
    state.credentials[credential.username] = credential;
    return true;
  },
  noteClaims: ({ username, attemptId }, claims) => {
    const found = state.credentials[username];
    if (found?.attemptId === attemptId) state.credentials[username] = { ...found, claims };
  },
});

const profilesIn = (state: MemoryState): Plain<Profiles> => ({
  set: (id, fields) => {
    if (state.profiles[id] === null) return undefined;
    const entries = Object.entries({ ...state.profiles[id], ...fields }).filter(([, value]) => value);
    state.profiles[id] = Object.fromEntries(entries);
    return state.profiles[id];
  },
  getMany: (ids) =>
    new Map(
      ids.flatMap((id) => {
        const found = state.profiles[id] ?? {};
        return Object.keys(found).length > 0 ? [[id, found] as const] : [];
      }),
    ),
  erase: (id) => {
    state.profiles[id] = null;
  },
});

const sessionsIn = (state: MemoryState): Plain<Sessions> => ({
  open: (session) => {
    state.sessions[session.digest] = session;
  },
  get: (digest) => state.sessions[digest],
  end: (digest) => {
    delete state.sessions[digest];
  },
});

const rateLimitsIn = (state: MemoryState): Plain<RateLimits> => ({
  getMany: (ids) => {
    const found = ids.flatMap((id) => (state.levels[id] ? [[id, state.levels[id]] as const] : []));
    return new Map(found);
  },
  set: (id, found, level) => {
    const there = state.levels[id];
    if (there !== undefined && (there.level !== found?.level || there.at !== found.at)) return there;
    state.levels[id] = level;
    return undefined;
  },
});

const copiesIn = (state: MemoryState): Plain<Copies> => ({
  claim: (part, copy) => {
    state.copies[part] ??= copy;
    return state.copies[part] === copy;
  },
  gathered: (list) => state.gathered[list],
  gather: (list, gathered) => {
    state.gathered[list] ??= gathered;
    return state.gathered[list];
  },
  endPage: (page, last) => {
    if (!Object.hasOwn(state.pageEnds, page)) state.pageEnds[page] = last;
    return state.pageEnds[page];
  },
});

const verdictsIn = (state: MemoryState): Plain<Verdicts> => ({
  first: (message, verdict) => {
    state.verdicts[message] ??= verdict;
    return state.verdicts[message];
  },
});

function inboxesIn(state: MemoryState): Plain<Inboxes> {
  const itemOf = (username: string): InboxItem => {
    state.inboxes[username] ??= { connections: {}, pending: {} };
    return state.inboxes[username];
  };
  const hasRoom = (pending: object) => Object.keys(pending).length < (state.room ?? INBOX_POINTERS);
  const inboxOf = (username: string): Inbox => {
    const item: InboxItem = state.inboxes[username] ?? { connections: {}, pending: {} };
    const { connections, pending, epoch = 0, revoked, overflow } = item;
    const lastSeen = state.lastSeen[username];
    return {
      connections: new Map(Object.entries(connections)),
      pending: new Map(Object.entries(pending)),
      ...((!hasRoom(pending) || isFullInbox(Object.keys(pending))) && { full: true }),
      ...(overflow !== undefined && { overflow }),
      epoch,
      ...(revoked !== undefined && { revoked }),
      ...(lastSeen !== undefined && { lastSeen }),
      ...(state.inboxes[username] === undefined && { missing: true }),
    };
  };
  return {
    getMany: (usernames) => new Map(usernames.map((username) => [username, inboxOf(username)])),
    connect: (
      username,
      connectionId,
      device,
      { epoch = Number.POSITIVE_INFINITY, issued = Number.POSITIVE_INFINITY } = {},
      most = Number.POSITIVE_INFINITY,
    ) => {
      const item = itemOf(username);
      const hasRoom = connectionId in item.connections || Object.keys(item.connections).length < most;
      const isRevoked = (item.epoch ?? 0) > epoch || (item.revoked ?? Number.NEGATIVE_INFINITY) >= issued;
      if (!hasRoom || isRevoked) return { ...inboxOf(username), refused: true };
      item.connections[connectionId] = device;
      return inboxOf(username);
    },
    create: (username) => {
      itemOf(username);
    },
    forget: (username) => {
      const item = state.inboxes[username];
      const { overflow: _, hasPending: __, ...rest } = item ?? {};
      if (item) state.inboxes[username] = { ...rest, connections: {}, pending: {} };
      delete state.lastSeen[username];
    },
    revoke: (username, now) => {
      const item = itemOf(username);
      item.revoked = now;
      item.epoch = (item.epoch ?? 0) + 1;
      return inboxOf(username);
    },
    disconnect: (username, connectionId, seen, login) => {
      const device = state.inboxes[username]?.connections[connectionId];
      if (device === undefined || (login !== undefined && device.login !== login)) return inboxOf(username);
      state.lastSeen[username] = seen;
      delete state.inboxes[username]?.connections[connectionId];
      return inboxOf(username);
    },
    markPending: (username, chat, seq) => {
      const item = itemOf(username);
      const { connections, pending } = item;
      const owed = pending[chat];
      const stands = owed === undefined ? !hasRoom(pending) : owed <= seq;
      if (stands || Object.keys(connections).length > 0) return inboxOf(username);
      pending[chat] = seq;
      item.hasPending = true;
      return undefined;
    },
    startOverflow: (username, overflow) => {
      const item = state.inboxes[username];
      const stands = item?.overflow !== undefined && item.overflow !== overflow;
      if (item === undefined || stands || Object.keys(item.connections).length > 0) return inboxOf(username);
      item.overflow = overflow;
      item.hasPending = true;
      return undefined;
    },
    ackPending: (username, connectionId, login, handed, all, back, none) => {
      const item = itemOf(username);
      const { connections, pending } = item;
      const device = connections[connectionId];
      if (device?.login !== login) return false;
      if (back) device.back = true;
      if (all) delete item.overflow;
      for (const { chat, to } of handed) {
        if (to === undefined) delete pending[chat];
        else pending[chat] = to;
      }
      if (handed.some(({ to }) => to !== undefined)) item.hasPending = true;
      else if (none && Object.keys(pending).length === 0) delete item.hasPending;
      return true;
    },
  };
}

const overflowIn = (state: MemoryState): Plain<Overflow> => ({
  add: (username, pointer) => {
    const others = (state.overflow[username] ?? []).filter((each) => keyOf(each) !== keyOf(pointer));
    state.overflow[username] = [...others, pointer].sort((one, other) =>
      keyOf(one) < keyOf(other) ? -1 : 1,
    );
  },
  page: (username, overflow, limit, after) => {
    const all = (state.overflow[username] ?? []).filter((each) => each.overflow === overflow);
    const rest = all.filter((each) => after === undefined || keyOf(each) > keyOf(after));
    return { pointers: rest.slice(0, limit), more: rest.length > limit };
  },
  remove: (username, pointer) => {
    const others = (state.overflow[username] ?? []).filter((each) => keyOf(each) !== keyOf(pointer));
    state.overflow[username] = others;
  },
  forget: (username) => {
    delete state.overflow[username];
  },
});

const keyOf = ({ overflow, chat, from, id }: OverflowPointer): string =>
  `${overflow} ${chat} ${String(from).padStart(16, '0')} ${id}`;

const membersIn = (state: MemoryState): Plain<Members> => {
  const rowsOf = (chat: string) => {
    state.members[chat] ??= {};
    return state.members[chat];
  };
  const memberIn = (chat: string, username: string): Member | undefined => {
    const row = state.members[chat]?.[username];
    return row?.removed ? undefined : row;
  };
  const membersOf = (chat: string) =>
    Object.values(state.members[chat] ?? {}).filter(({ removed }) => !removed);
  const chatsOf = (username: string) =>
    Object.keys(state.members).filter((chat) => memberIn(chat, username) !== undefined);
  return {
    join: (member, over) => {
      const rows = rowsOf(member.chat);
      const there = rows[member.username];
      if (there === undefined || (over !== undefined && there.attemptId === over))
        rows[member.username] = member;
      return rows[member.username] as MemberRow;
    },
    addPeer: (chat, username) => {
      rowsOf(chat)[username] ??= { chat, username, role: 'peer', since: 1 };
    },
    leave: ({ chat, username, attemptId }) => {
      const row = memberIn(chat, username);
      if (row === undefined || row.attemptId !== attemptId) return false;
      delete rowsOf(chat)[username];
      return true;
    },
    remove: ({ chat, username, attemptId }, _, over) => {
      const rows = rowsOf(chat);
      if (rows[username]?.attemptId === over)
        rows[username] = { chat, username, attemptId, removed: true } as MemberRow;
      return rows[username];
    },
    count: (chat, generation) => membersOf(chat).filter((row) => row.generation === generation).length,
    markRead: (chat, username, seq) => {
      const row = memberIn(chat, username);
      if (row === undefined) return undefined;
      const read = Math.max(row.read ?? 0, seq);
      rowsOf(chat)[username] = { ...row, read };
      return read;
    },
    get: memberIn,
    getMany: (keys) => keys.flatMap(({ chat, username }) => memberIn(chat, username) ?? []),
    markAway: ({ chat, username, attemptId, loginVersion }, away) => {
      const row = state.members[chat]?.[username];
      if (row !== undefined && row.attemptId === attemptId && row.loginVersion === loginVersion)
        rowsOf(chat)[username] = { ...row, away };
    },
    markBack: (chat, username, login) => {
      const { away: _, ...row } = memberIn(chat, username) ?? {};
      if (!('chat' in row)) return undefined;
      const back = login !== undefined && { backBy: login };
      rowsOf(chat)[username] = { ...row, loginVersion: (row.loginVersion ?? 0) + 1, ...back };
      return rowsOf(chat)[username];
    },
    page: (chat, after, limit) =>
      membersOf(chat)
        .filter(({ username }) => username > after)
        .sort((one, other) => (one.username < other.username ? -1 : 1))
        .slice(0, limit),
    chatsOf: (username, { from = '', to, limit } = {}) =>
      chatsOf(username)
        .filter((chat) => chat >= from && (to === undefined || chat < to))
        .sort()
        .slice(0, limit),
    groupsOf: (username) => chatsOf(username).filter((chat) => chat.startsWith('#')),
  };
};

const historyIn = (state: MemoryState): Plain<History> => ({
  put: (entry) => {
    state.history[entry.chat] ??= [];
    const log = state.history[entry.chat] as LogEntry[];
    if (entry.seq > log.length + 1) throw new Error(`A hole before ${entry.chat} ${entry.seq}`);
    log[entry.seq - 1] ??= entry;
    return log[entry.seq - 1] as LogEntry;
  },
  get: (chat, seq) => state.history[chat]?.[seq - 1],
  getMany: (keys) => keys.flatMap(({ chat, seq }) => state.history[chat]?.[seq - 1] ?? []),
  edit: (chat, seq, content, editId, at, end) => {
    const log = state.history[chat] ?? [];
    const entry = log[seq - 1];
    const editIds = entry?.editIds ?? [];
    const stands =
      entry?.changed?.kind === 'deleted' || editIds.length >= limits.changes || editIds.includes(editId);
    if (entry === undefined || stands) return entry;
    const added = { editIds: [...editIds, editId], ends: [...(entry.ends ?? []), end] };
    log[seq - 1] = { ...entry, content, changed: { kind: 'edited', at }, ...added };
    return log[seq - 1];
  },
  erase: (chat, seq, at) => {
    const log = state.history[chat] ?? [];
    const entry = log[seq - 1];
    if (entry === undefined || entry.changed?.kind === 'deleted') return;
    log[seq - 1] = { ...entry, content: '', changed: { kind: 'deleted', at } };
  },
  newest: (chat, limit, upTo = Number.MAX_SAFE_INTEGER) =>
    (state.history[chat] ?? []).filter(({ seq }) => seq <= upTo).slice(-limit),
  behind: (chat, seq, limit, { upTo = Number.MAX_SAFE_INTEGER } = {}) =>
    (state.history[chat] ?? []).filter((entry) => entry.seq > seq && entry.seq <= upTo).slice(-limit),
  reaching: (slots) =>
    new Set(
      slots
        // No entry has seq 0.
        .filter(({ chat, seq }) => seq > 0 && (state.history[chat]?.length ?? 0) >= seq)
        .map(({ chat }) => chat),
    ),
  from: (chat, seq, limit = Number.MAX_SAFE_INTEGER) => {
    const rest = (state.history[chat] ?? []).filter((entry) => entry.seq >= seq);
    return { entries: rest.slice(0, limit), more: rest.length > limit };
  },
});

const fanOutQueueIn = (state: MemoryState): Plain<FanOutQueue> => ({
  send: (rest) => {
    state.later.push(rest);
  },
});

const gatewayTo = (state: MemoryState): Plain<Gateway> => ({
  post: (connectionId, frame) => {
    const socket = state.sockets[connectionId];
    if (!socket?.open) return 'gone';
    if (socket.unreachable) return 'failed';
    socket.frames.push(frame);
    return 'taken';
  },
  close: (connectionId) => {
    const socket = state.sockets[connectionId];
    if (socket) socket.open = false;
  },
  isOpen: (connectionId) => state.sockets[connectionId]?.open === true,
});
