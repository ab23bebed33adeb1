import { groupOf } from '../../protocol/index.ts';
import { quit } from '../groups/succession.ts';
import type { Bound, Invitation, LogEntry, OverflowPointer, Profile } from '../model.ts';
import type {
  Connections,
  Credentials,
  Directory,
  Gateway,
  History,
  Inboxes,
  Invitations,
  Members,
  Overflow,
  Profiles,
  Runtime,
  Secrets,
  Sessions,
} from '../ports.ts';
import { userProfile } from '../profiles.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

/** The ports with which an administrator exports or erases a user's data. */
export interface RecordPorts {
  directory: Directory;
  connections: Connections;
  credentials: Credentials;
  inboxes: Inboxes;
  overflow: Overflow;
  members: Members;
  invitations: Invitations;
  history: History;
  profiles: Profiles;
  secrets: Secrets;
  sessions: Sessions;
  runtime: Runtime;
  gateway: Gateway;
  /** Every entry that a user wrote, in all chats. */
  entriesBy(username: string): AsyncIterable<LogEntry>;
  /** The groups that hold a removal record of a user. */
  removalsOf(username: string): AsyncIterable<string>;
  /** The digests of a user's sessions. */
  sessionsOf(username: string): AsyncIterable<string>;
  /** The ids of a user's connections, whether or not the inbox lists them, in no order. */
  connectionsOf(username: string): AsyncIterable<[id: string, bound: Pick<Bound, 'form'>]>;
}

/** All stored data of one user, without password hash and tokens. */
export interface UserRecord {
  username: string;
  created: string;
  hasPassword: boolean;
  connections: number;
  sessions: number;
  lastSeen?: string;
  /** Absent without one. */
  profile?: Profile;
  /** The first pending seq of each chat. */
  pending: { chat: string; from: number }[];
  /** Groups that have invited the user, who has not joined yet. */
  invitations: string[];
  /** Groups that the user can rejoin only by invitation, after a removal. */
  removedFrom: string[];
  chats: { chat: string; role: string; since: number; joined?: string; read?: number }[];
  /** Their messages as they are now, and their changes: `edits` and `deletes` give the seq of the changed message. */
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
  const [name, credential] = await Promise.all([directory.get(username, 'user'), credentials.get(username)]);
  if (name?.kind !== 'user' || credential === undefined) return undefined;
  const inbox = (await inboxes.getMany([username])).get(username);
  const profile = (await ports.profiles.getMany([userProfile(username)])).get(userProfile(username));
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
    ...(profile && { profile }),
    pending: [
      ...[...(inbox?.pending ?? [])].map(([chat, from]) => ({ chat, from })),
      ...(await overflowOf(ports, username, inbox?.overflow)),
    ],
    invitations: (await all(invitationsOf(ports, username))).map(({ group }) => group),
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

async function* invitationsOf({ invitations }: RecordPorts, username: string): AsyncGenerator<Invitation> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Invitation[] = await invitations.page(username, after, 1_000);
    yield* page;
    after = page.at(-1)?.group;
  }
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

/** The progress of an erasure. */
export interface Erased {
  messages: number;
  chats: number;
}

/**
 * Erases a user's data: nobody can log in as them, their messages stay in the log without text, and they leave all
 * chats. Their name stays reserved, so that nobody can impersonate them. If it dies halfway, a second call completes it.
 * @returns undefined if there is no such user
 */
export async function eraseUser(
  ports: RecordPorts,
  username: string,
  onProgress: (erased: Erased) => void = () => {},
): Promise<Erased | undefined> {
  const { directory, inboxes, members, history, runtime } = ports;
  if ((await directory.get(username, 'user'))?.kind !== 'user' || !(await lockOut(ports, username)))
    return undefined;
  await ports.profiles.erase(userProfile(username));
  const erased = { messages: 0, chats: 0 };
  for await (const { chat, seq, edits, deletes } of ports.entriesBy(username)) {
    // Edits and deletions have no text.
    if (edits !== undefined || deletes !== undefined) continue;
    await history.erase(chat, seq, runtime.now());
    erased.messages++;
    onProgress(erased);
  }
  for (const chat of await members.chatsOf(username)) {
    const group = groupOf(chat);
    const row = await members.get(chat, username);
    if (group === undefined) await members.leave({ chat, username });
    else if (row) await quit(ports, await directory.get(group, 'group'), row);
    erased.chats++;
    onProgress(erased);
  }
  for await (const each of invitationsOf(ports, username)) await ports.invitations.remove(each);
  for await (const name of ports.removalsOf(username)) await directory.unbar({ name }, username);
  for await (const digest of ports.sessionsOf(username)) await ports.sessions.end(digest);
  await inboxes.forget(username);
  await ports.overflow.forget(username);
  return erased;
}

/**
 * Makes the credential unusable, then ends all sessions and connections, as `changePassword` does.
 * @returns false if there is no such user
 */
async function lockOut(ports: RecordPorts, username: string): Promise<boolean> {
  const { credentials, inboxes, secrets, runtime } = ports;
  // A password that nobody knows.
  const password = await secrets.hash(secrets.newToken());
  for (;;) {
    const credential = await credentials.get(username);
    if (credential === undefined) return false;
    const before = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    const next = { username, attemptId: runtime.newId(), password, epoch: before + 1, erased: true } as const;
    // Otherwise it was changed at the same time: read it again.
    if (await credentials.replace(credential.attemptId, next)) break;
  }
  const ended = new Map((await endEverySession(ports, username, '')).ended);
  // No inbox lists the connection of a login that died before it had added its device.
  for await (const [id, bound] of ports.connectionsOf(username)) {
    await ports.connections.unbind(id, username);
    if (!ended.has(id)) ended.set(id, bound);
  }
  await notifyEnded(ports.gateway, ended, 'erased');
  return true;
}
