import { groupOf } from './chats.ts';
import type {
  Connections,
  Credentials,
  History,
  Inboxes,
  LogEntry,
  Members,
  Names,
  Secrets,
  World,
} from './ports.ts';
import { endEverySession } from './sessions.ts';

/** What an administrator needs to look into, or take out, what is kept of one user. */
export interface RecordPorts {
  names: Names;
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  members: Members;
  history: History;
  secrets: Secrets;
  world: World;
  /** Every entry that a user wrote, in whatever chat. */
  entriesBy(username: string): AsyncIterable<LogEntry>;
}

/** What is kept of one user, in words and numbers; no password, hash or token is in it. */
export interface UserRecord {
  username: string;
  created: string;
  hasPassword: boolean;
  connections: number;
  lastSeen?: string;
  chats: { chat: string; role: string; since: number; joined?: string; read?: number }[];
  messages: { chat: string; seq: number; at: string; content: string; deleted?: true }[];
}

const time = (at: number): string => new Date(at).toISOString();

/** @returns undefined if there is no such user */
export async function exportUser(ports: RecordPorts, username: string): Promise<UserRecord | undefined> {
  const { names, credentials, inboxes, members } = ports;
  const [name, credential] = await Promise.all([names.get(username), credentials.get(username)]);
  if (name?.kind !== 'user' || credential === undefined) return undefined;
  const inbox = (await inboxes.getMany([username])).get(username);
  const chats = await members.chatsOf(username);
  const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
  const messages: UserRecord['messages'] = [];
  for await (const { chat, seq, at, content, changed } of ports.entriesBy(username)) {
    messages.push({
      chat,
      seq,
      at: time(at),
      content,
      ...(changed?.kind === 'deleted' && { deleted: true }),
    });
  }
  return {
    username,
    created: time(name.created),
    hasPassword: credential.password !== undefined,
    connections: inbox?.connections.size ?? 0,
    ...(inbox?.lastSeen !== undefined && { lastSeen: time(inbox.lastSeen) }),
    chats: rows.map(({ chat, role, since, joined, read }) => ({
      chat,
      role,
      since,
      ...(joined !== undefined && { joined: time(joined) }),
      ...(read !== undefined && { read }),
    })),
    messages: messages.sort((one, other) => (one.at < other.at ? -1 : 1)),
  };
}

/** How far an erasure has come. */
export interface Erased {
  messages: number;
  chats: number;
}

/**
 * Takes out what is kept of a user: nobody can log in as them, their messages lose their text in their place in the
 * log, they are in no chat. Their name stays taken, so that nobody can pose as them. Done twice, it changes nothing
 * more; should it die on its way, a second time does the rest.
 * @returns undefined if there is no such user
 */
export async function eraseUser(
  ports: RecordPorts,
  username: string,
  onProgress: (erased: Erased) => void = () => {},
): Promise<Erased | undefined> {
  const { names, credentials, inboxes, members, history, secrets, world } = ports;
  const credential = await credentials.get(username);
  if ((await names.get(username))?.kind !== 'user' || credential === undefined) return undefined;
  const epoch = await endEverySession(ports, username, '');
  // A password that nobody knows.
  const password = await secrets.hash(secrets.newToken());
  await credentials.replace(credential.mark, { username, mark: world.newId(), password, epoch });
  const erased = { messages: 0, chats: 0 };
  for await (const { chat, seq } of ports.entriesBy(username)) {
    const last = (await history.newest(chat, 1)).at(-1)?.seq ?? seq;
    await history.change(chat, seq, '', { seq: last, kind: 'deleted', at: world.now() });
    await history.erase(chat, seq);
    erased.messages++;
    onProgress(erased);
  }
  for (const chat of await members.chatsOf(username)) {
    await members.leave(chat, username);
    const group = groupOf(chat);
    if (group !== undefined) await names.count(group, -1);
    erased.chats++;
    onProgress(erased);
  }
  await inboxes.forget(username);
  return erased;
}
