import { groupOf } from '../chat-id.ts';
import { quit } from '../groups/succession.ts';
import type { LogEntry, OverflowPointer } from '../model.ts';
import type {
  Connections,
  Credentials,
  Directory,
  Gateway,
  History,
  Inboxes,
  Members,
  Overflow,
  Secrets,
  Sessions,
  World,
} from '../ports.ts';
import { endEverySession, tellEnded } from './sessions.ts';

/** What an administrator needs to look into, or take out, what is kept of one user. */
export interface RecordPorts {
  directory: Directory;
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  overflow: Overflow;
  members: Members;
  history: History;
  secrets: Secrets;
  sessions: Sessions;
  world: World;
  /** Absent where no connection can be open. */
  gateway?: Gateway;
  /** Every entry that a user wrote, in whatever chat. */
  entriesBy(username: string): AsyncIterable<LogEntry>;
  /** The groups that a user is invited to. */
  invitationsOf(username: string): AsyncIterable<string>;
  /** The groups that a user was removed from, and not invited to since. */
  removalsOf(username: string): AsyncIterable<string>;
  /** The digests of a user's sessions. */
  sessionsOf(username: string): AsyncIterable<string>;
  /** The ids of somebody's connections, in an inbox or not, in no order. */
  connectionsOf(username: string): AsyncIterable<string>;
}

/** What is kept of one user, in words and numbers; no password, hash or token is in it. */
export interface UserRecord {
  username: string;
  created: string;
  hasPassword: boolean;
  connections: number;
  sessions: number;
  lastSeen?: string;
  /** The first seq that is owed in a chat. */
  pending: { chat: string; from: number }[];
  /** Groups that the user may join, and has not. */
  invitations: string[];
  /** Groups that the user was removed from: they come back by invitation. */
  removedFrom: string[];
  chats: { chat: string; role: string; since: number; joined?: string; read?: number }[];
  /** What they wrote, as it is now; with `edits` or `deletes`, that they changed the message with that seq. */
  messages: {
    chat: string;
    seq: number;
    at: string;
    content: string;
    edits?: number;
    deletes?: number;
    deleted?: true;
  }[];
}

const time = (at: number): string => new Date(at).toISOString();

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** @returns undefined if there is no such user */
export async function exportUser(ports: RecordPorts, username: string): Promise<UserRecord | undefined> {
  const { directory, credentials, inboxes, members } = ports;
  const [name, credential] = await Promise.all([directory.get(username), credentials.get(username)]);
  if (name?.kind !== 'user' || credential === undefined) return undefined;
  const inbox = (await inboxes.getMany([username])).get(username);
  const chats = await members.chatsOf(username);
  const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
  const messages: UserRecord['messages'] = [];
  for await (const { chat, seq, at, content, changed, edits, deletes } of ports.entriesBy(username)) {
    messages.push({
      chat,
      seq,
      at: time(at),
      content,
      ...(edits !== undefined && { edits }),
      ...(deletes !== undefined && { deletes }),
      ...(changed?.kind === 'deleted' && { deleted: true }),
    });
  }
  return {
    username,
    created: time(name.created),
    hasPassword: credential.password !== undefined,
    connections: inbox?.connections.size ?? 0,
    sessions: (await all(ports.sessionsOf(username))).length,
    ...(inbox?.lastSeen !== undefined && { lastSeen: time(inbox.lastSeen) }),
    pending: [
      ...[...(inbox?.pending ?? [])].map(([chat, from]) => ({ chat, from })),
      ...(await overflowOf(ports, username, inbox?.overflow)),
    ],
    invitations: (await all(ports.invitationsOf(username))).sort(),
    removedFrom: (await all(ports.removalsOf(username))).sort(),
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

async function overflowOf({ overflow }: RecordPorts, username: string, id?: string) {
  const found: Pick<OverflowPointer, 'chat' | 'from'>[] = [];
  for (let more = id !== undefined, last: OverflowPointer | undefined; more; ) {
    const page = await overflow.page(username, id ?? '', 1_000, last);
    found.push(...page.pointers.map(({ chat, from }) => ({ chat, from })));
    more = page.more;
    last = page.pointers.at(-1);
  }
  return found;
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
  const { directory, inboxes, members, history, world } = ports;
  if ((await directory.get(username))?.kind !== 'user' || !(await lockOut(ports, username))) return undefined;
  const erased = { messages: 0, chats: 0 };
  for await (const { chat, seq, edits, deletes } of ports.entriesBy(username)) {
    // A change has no text.
    if (edits !== undefined || deletes !== undefined) continue;
    await history.erase(chat, seq, world.now());
    erased.messages++;
    onProgress(erased);
  }
  for (const chat of await members.chatsOf(username)) {
    const group = groupOf(chat);
    const row = await members.get(chat, username);
    if (group === undefined) await members.leave({ chat, username });
    else if (row) await quit(ports, await directory.get(group), row);
    erased.chats++;
    onProgress(erased);
  }
  for await (const group of ports.invitationsOf(username)) {
    const name = await directory.get(group);
    if (name) await directory.uninvite(name, username);
  }
  for await (const name of ports.removalsOf(username)) await directory.unbar({ name }, username);
  for await (const digest of ports.sessionsOf(username)) await ports.sessions.end(digest);
  await inboxes.forget(username);
  await ports.overflow.forget(username);
  return erased;
}

const UNSEEN = { form: 'json' } as const;

/**
 * Nobody can prove any more to be that user; then all ends that was proven before, as `changePassword` does it.
 * @returns false if there is no such user
 */
async function lockOut(ports: RecordPorts, username: string): Promise<boolean> {
  const { credentials, inboxes, secrets, world } = ports;
  // A password that nobody knows.
  const password = await secrets.hash(secrets.newToken());
  for (;;) {
    const credential = await credentials.get(username);
    if (credential === undefined) return false;
    const before = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    const next = { username, mark: world.newId(), password, epoch: before + 1, erased: true } as const;
    // Else it was changed at this moment: what holds now goes.
    if (await credentials.replace(credential.mark, next)) break;
  }
  const ended = new Map((await endEverySession(ports, username, '')).ended);
  // Those that an identity provider vouched for, and that did not log in yet, are in no inbox.
  for await (const id of ports.connectionsOf(username)) {
    await ports.connections.unbind(id, username);
    if (!ended.has(id)) ended.set(id, UNSEEN);
  }
  if (ports.gateway) await tellEnded(ports.gateway, ended, 'erased');
  return true;
}
