import type {
  Connections,
  Device,
  Gateway,
  History,
  Inbox,
  Inboxes,
  LogEntry,
  Member,
  Members,
  Name,
  Names,
  World,
} from '../../chat/ports.ts';
import type { Form } from '../../protocol/index.ts';

interface InboxItem {
  connections: Record<string, Device>;
  pending: Record<string, number>;
}

/** All that the ports keep, as plain data: it can be copied, compared and printed. */
export interface MemoryState {
  names: Record<string, Name>;
  connections: Record<string, { username: string; form: Form }>;
  inboxes: Record<string, InboxItem>;
  /** Chat → username → row. */
  members: Record<string, Record<string, Member>>;
  /** Chat → its log; seq 1 comes first. */
  history: Record<string, LogEntry[]>;
  /** Connection → what became of it, and the frames that it took. */
  sockets: Record<string, { open: boolean; unreachable?: boolean; frames: string[] }>;
}

export const emptyState = (): MemoryState => ({
  names: {},
  connections: {},
  inboxes: {},
  members: {},
  history: {},
  sockets: {},
});

/** One call of a port: who is asked what. */
export interface PortCall {
  port: 'names' | 'connections' | 'inboxes' | 'members' | 'history' | 'gateway';
  method: string;
  args: readonly unknown[];
}

/** Decides when, and whether, a call takes effect. `perform` is atomic. */
export type Gate = <T>(call: PortCall, perform: () => T) => Promise<T>;

/** Every port that the rules ask for. */
export interface AllPorts {
  names: Names;
  connections: Connections;
  inboxes: Inboxes;
  members: Members;
  history: History;
  gateway: Gateway;
  world: World;
}

const atOnce: Gate = async (_, perform) => perform();

/**
 * The ports over a state, each call atomic on single items, as DynamoDB's are. Rows and entries are replaced, never
 * changed, so that what was answered stays as it was.
 */
export function memoryPorts(state: MemoryState, world: World, gate: Gate = atOnce): AllPorts {
  const ports = {
    names: namesIn(state),
    connections: connectionsIn(state),
    inboxes: inboxesIn(state),
    members: membersIn(state),
    history: historyIn(state),
    gateway: gatewayTo(state),
  };
  const gated = (port: PortCall['port']) =>
    new Proxy(ports[port], {
      get:
        (methods, method: string) =>
        (...args: unknown[]) =>
          gate({ port, method, args }, () => (methods as unknown as Methods)[method]?.(...args)),
    });
  const names = Object.keys(ports) as PortCall['port'][];
  return { ...Object.fromEntries(names.map((port) => [port, gated(port)])), world } as unknown as AllPorts;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/** A port's methods, without their promises. */
type Plain<P> = {
  [M in keyof P]: P[M] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};

const namesIn = (state: MemoryState): Plain<Names> => ({
  claim: (name) => {
    state.names[name.name] ??= name;
    return state.names[name.name] as Name;
  },
  get: (name) => state.names[name],
});

const connectionsIn = (state: MemoryState): Plain<Connections> => ({
  bind: (connectionId, username, form) => {
    const row = state.connections[connectionId];
    if (row !== undefined && row.username !== username) return false;
    state.connections[connectionId] = { username, form };
    return true;
  },
  unbind: (connectionId) => {
    delete state.connections[connectionId];
  },
  userOf: (connectionId) => state.connections[connectionId]?.username,
});

const toInbox = (item?: InboxItem): Inbox => ({
  connections: new Map(Object.entries(item?.connections ?? {})),
  pending: new Map(Object.entries(item?.pending ?? {})),
});

function inboxesIn(state: MemoryState): Plain<Inboxes> {
  const itemOf = (username: string): InboxItem => {
    state.inboxes[username] ??= { connections: {}, pending: {} };
    return state.inboxes[username];
  };
  return {
    getMany: (usernames) =>
      new Map(usernames.map((username) => [username, toInbox(state.inboxes[username])])),
    connect: (username, connectionId, device) => {
      itemOf(username).connections[connectionId] = device;
      return toInbox(itemOf(username));
    },
    disconnect: (username, connectionId) => {
      delete state.inboxes[username]?.connections[connectionId];
      return toInbox(state.inboxes[username]);
    },
    owe: (username, chat, seq) => {
      const { connections, pending } = itemOf(username);
      const stands =
        Object.keys(connections).length > 0 || (pending[chat] ?? Number.POSITIVE_INFINITY) <= seq;
      if (stands) return toInbox(itemOf(username));
      pending[chat] = seq;
      return undefined;
    },
    settle: (username, connectionId, login, handed) => {
      const { connections, pending } = itemOf(username);
      if (connections[connectionId]?.login !== login) return false;
      for (const { chat, to } of handed) {
        if (to === undefined) delete pending[chat];
        else pending[chat] = to;
      }
      return true;
    },
  };
}

const membersIn = (state: MemoryState): Plain<Members> => {
  const rowsOf = (chat: string) => {
    state.members[chat] ??= {};
    return state.members[chat];
  };
  return {
    join: (member) => {
      rowsOf(member.chat)[member.username] ??= member;
    },
    meet: (chat, username) => {
      rowsOf(chat)[username] ??= { chat, username, role: 'peer', since: 1 };
    },
    leave: (chat, username) => {
      delete rowsOf(chat)[username];
    },
    get: (chat, username) => state.members[chat]?.[username],
    getMany: (keys) => keys.flatMap(({ chat, username }) => state.members[chat]?.[username] ?? []),
    list: (chat) => Object.keys(state.members[chat] ?? {}),
    chatsOf: (username) => Object.keys(state.members).filter((chat) => state.members[chat]?.[username]),
    groupsOf: (username) =>
      Object.keys(state.members).filter((chat) => chat.startsWith('#') && state.members[chat]?.[username]),
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
  newest: (chat, limit, upTo = Number.MAX_SAFE_INTEGER) =>
    (state.history[chat] ?? []).filter(({ seq }) => seq <= upTo).slice(-limit),
  from: (chat, seq, limit = Number.MAX_SAFE_INTEGER) => {
    const rest = (state.history[chat] ?? []).filter((entry) => entry.seq >= seq);
    return { entries: rest.slice(0, limit), more: rest.length > limit };
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
});
