import {
  ChatError,
  type deleteUser as deleteCommand,
  type exportUser as exportCommand,
  groupOf,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { timestamp } from '../entries.ts';
import { quit } from '../groups/succession.ts';
import type { Invitation, LogEntry, Member, OverflowPointer } from '../model.ts';
import type {
  Connections,
  Credentials,
  Directory,
  Found,
  Gateway,
  History,
  Inboxes,
  Invitations,
  Members,
  Overflow,
  Profiles,
  Runtime,
  Scans,
  Secrets,
  Sessions,
} from '../ports.ts';
import { userProfile } from '../profiles.ts';
import { checkPlace, walk } from '../walk.ts';
import { endEverySession, notifyEnded } from './sessions.ts';

/** The ports with which the operator exports or deletes a user's data. */
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
  scans: Scans;
}

type Exported = ReplyOf<typeof exportCommand>;
type Lists = Pick<Exported, 'pending' | 'invitations' | 'removed_from' | 'chats' | 'messages'>;

// Characters of JSON from which on a page is full. It may double as text within JSON, and Lambda takes 6 MB.
const PAGE_SIZE = 1_000_000;
// Items that are read at once, where they are short.
const READ = 1_000;

/**
 * Reads a page of all stored data of one user, without password hash and tokens.
 * @throws ChatError `unknown_recipient`, `bad_request`
 */
export async function exportUser(
  ports: RecordPorts,
  { username, next: from }: RequestOf<typeof exportCommand>,
): Promise<Exported> {
  const { members, runtime, scans } = ports;
  const user = await userOf(ports, username);
  const lists: Lists = { pending: [], invitations: [], removed_from: [], chats: [], messages: [] };
  let sessions = 0;
  let size = 0;
  const add = <T>(list: T[], item: T) => {
    list.push(item);
    size += JSON.stringify(item).length;
  };
  const parts = {
    async *chats(after?: string) {
      for await (const chats of chatsAfter(ports, username, after)) {
        const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
        for (const row of rows) add(lists.chats, chatOf(row));
        yield chats.at(-1) ?? '';
      }
    },
    async *pending(after?: string) {
      for await (const { item, after: next } of pendingOf(ports, username, after)) {
        if (item) add(lists.pending, item);
        // Those in the inbox are few, and no place is between them.
        if (next !== '') yield next;
      }
    },
    async *invitations(after?: string) {
      for await (const { group } of invitationsOf(ports, username, after)) {
        add(lists.invitations, group);
        yield group;
      }
    },
    async *removals(after?: string) {
      for await (const { item, after: next } of scans.removalsOf(username, after)) {
        if (item !== undefined) add(lists.removed_from, item);
        yield next;
      }
    },
    async *sessions(after?: string) {
      for await (const { item, after: next } of scans.sessionsOf(username, after)) {
        if (item !== undefined) sessions++;
        yield next;
      }
    },
    async *messages(after?: string) {
      for await (const { item, after: next } of scans.entriesBy(username, after)) {
        if (item !== undefined) add(lists.messages, messageOf(item));
        yield next;
      }
    },
  };
  const next = await walk(runtime, parts, from, () => size > PAGE_SIZE);
  return { username, ...(from === undefined && { user }), ...lists, sessions, ...(next && { next }) };
}

/** @throws ChatError `unknown_recipient` */
async function userOf(ports: RecordPorts, username: string): Promise<Exported['user']> {
  const { directory, credentials, inboxes, profiles } = ports;
  const key = userProfile(username);
  const [name, credential, inbox, profile] = await Promise.all([
    directory.get(username, 'user'),
    credentials.get(username),
    inboxes.getMany([username]),
    profiles.getMany([key]),
  ]);
  if (name?.kind !== 'user' || credential === undefined) throw noUser(username);
  const { connections, lastSeen } = inbox.get(username) ?? {};
  const shown = profile.get(key);
  return {
    created: timestamp(name.created),
    has_password: credential.password !== undefined,
    connections: connections?.size ?? 0,
    ...(lastSeen !== undefined && { last_seen: timestamp(lastSeen) }),
    ...(shown && { profile: { ...shown } }),
  };
}

const noUser = (username: string) => new ChatError('unknown_recipient', `There is no user ${username}.`);

const chatOf = ({ chat, role, since, joined, read }: Member): Exported['chats'][number] => ({
  chat,
  role,
  since,
  ...(joined !== undefined && { joined: timestamp(joined) }),
  ...(read !== undefined && { read }),
});

const messageOf = ({
  chat,
  seq,
  at,
  content,
  changed,
  edits,
  deletes,
}: LogEntry): Exported['messages'][number] => ({
  chat,
  seq,
  at: timestamp(at),
  content,
  ...(edits !== undefined && { edits }),
  ...(deletes !== undefined && { deletes }),
  ...(changed?.kind === 'deleted' && { deleted: true }),
});

/** A user's chats behind one of them, in the order of their ids. */
async function* chatsAfter(
  { members }: RecordPorts,
  username: string,
  after?: string,
): AsyncGenerator<string[]> {
  for (let from = after; ; ) {
    const found = await members.chatsOf(username, { limit: READ, ...(from !== undefined && { from }) });
    const chats = found.filter((chat) => chat !== from);
    if (chats.length === 0) return;
    yield chats;
    from = chats.at(-1);
  }
}

async function* invitationsOf(
  { invitations }: RecordPorts,
  username: string,
  from = '',
): AsyncGenerator<Invitation> {
  for (let after: string | undefined = from; after !== undefined; ) {
    const page: Invitation[] = await invitations.page(username, after, READ);
    yield* page;
    after = page.at(-1)?.group;
  }
}

/** The pointers in the inbox, and then those in the overflow. @param after a pointer of the overflow */
async function* pendingOf(
  { inboxes, overflow }: RecordPorts,
  username: string,
  after = '',
): AsyncGenerator<Found<Lists['pending'][number]>> {
  const inbox = (await inboxes.getMany([username])).get(username);
  if (after === '')
    for (const [chat, from] of inbox?.pending ?? []) yield { item: { chat, from }, after: '' };
  const id = inbox?.overflow;
  let last: OverflowPointer | undefined = after === '' ? undefined : JSON.parse(after);
  for (let more = id !== undefined; more; ) {
    const page = await overflow.page(username, id ?? '', READ, last);
    for (const pointer of page.pointers) {
      const { chat, from } = pointer;
      yield { item: { chat, from }, after: JSON.stringify(pointer) };
    }
    more = page.more;
    last = page.pointers.at(-1);
  }
}

/**
 * Deletes a user: nobody can log in as them, their messages stay in the log without text, and they leave all chats. Their
 * name stays reserved, so that nobody can impersonate them. If it dies halfway, a call from the start completes it.
 * @throws ChatError `unknown_recipient`, `bad_request`
 */
export async function deleteUser(
  ports: RecordPorts,
  { username, next: from }: RequestOf<typeof deleteCommand>,
): Promise<ReplyOf<typeof deleteCommand>> {
  const { connections, directory, history, invitations, members, runtime, scans, sessions } = ports;
  if (from === undefined) {
    if ((await directory.get(username, 'user'))?.kind !== 'user') throw noUser(username);
    await lockOut(ports, username);
    await afterCommit(half(username), ports.profiles.erase(userProfile(username)));
  } else if (!(await ports.credentials.get(username))?.erased)
    throw new ChatError('bad_request', '"next" must be that of the reply before, for the same user.');
  const erased = { messages: 0, chats: 0 };
  const parts = {
    // No inbox lists the connection of a login that died before it had added its device.
    async *connections(after?: string) {
      for await (const { item, after: next } of scans.connectionsOf(username, after)) {
        if (item !== undefined) {
          await connections.unbind(item[0], username);
          await notifyEnded(ports.gateway, new Map([item]), 'erased');
        }
        yield next;
      }
    },
    async *messages(after?: string) {
      for await (const { item, after: next } of scans.entriesBy(username, after)) {
        // Edits and deletions have no text.
        if (item !== undefined && item.edits === undefined && item.deletes === undefined) {
          await history.erase(item.chat, item.seq, runtime.now());
          erased.messages++;
        }
        yield next;
      }
    },
    async *chats(after?: string) {
      for await (const chats of chatsAfter(ports, username, after))
        for (const chat of chats) {
          const group = groupOf(chat);
          const row = await members.get(chat, username);
          if (group === undefined) await members.leave({ chat, username });
          else if (row) await quit(ports, await directory.get(group, 'group'), row);
          erased.chats++;
          yield chat;
        }
    },
    async *invitations(after?: string) {
      for await (const each of invitationsOf(ports, username, after)) {
        await invitations.remove(each);
        yield each.group;
      }
    },
    async *removals(after?: string) {
      for await (const { item, after: next } of scans.removalsOf(username, after)) {
        if (item !== undefined) await directory.unbar({ name: item }, username);
        yield next;
      }
    },
    async *sessions(after?: string) {
      for await (const { item, after: next } of scans.sessionsOf(username, after)) {
        if (item !== undefined) await sessions.end(item);
        yield next;
      }
    },
  };
  checkPlace(parts, from);
  const rest = async () => {
    const next = await walk(runtime, parts, from);
    if (next !== undefined) return { username, ...erased, next };
    await ports.inboxes.forget(username);
    await ports.overflow.forget(username);
    return { username, ...erased };
  };
  return afterCommit(half(username), rest());
}

const half = (username: string): string =>
  `${username} is locked out, and only a part of what is theirs may be gone`;

/**
 * Makes the credential unusable, then ends all sessions and connections, as `changePassword` does.
 * @throws ChatError `unknown_recipient`
 */
async function lockOut(ports: RecordPorts, username: string): Promise<void> {
  const { credentials, inboxes, secrets, runtime } = ports;
  // A password that nobody knows.
  const password = await secrets.hash(secrets.newToken());
  for (;;) {
    const credential = await credentials.get(username);
    if (credential === undefined) throw noUser(username);
    const before = (await inboxes.getMany([username])).get(username)?.epoch ?? 0;
    const next = { username, attemptId: runtime.newId(), password, epoch: before + 1, erased: true } as const;
    // Otherwise it was changed at the same time: read it again.
    if (await credentials.replace(credential.attemptId, next)) break;
  }
  const rest = async () => {
    const { ended } = await endEverySession(ports, username, '');
    await notifyEnded(ports.gateway, ended, 'erased');
  };
  await afterCommit(half(username), rest());
}
