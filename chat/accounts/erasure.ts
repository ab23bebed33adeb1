import {
  ChatError,
  type deleteUser as deleteCommand,
  type exportUser as exportCommand,
  groupOf,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { timestamp } from '../entries.ts';
import { quit } from '../groups/succession.ts';
import type { Bound, Invitation, LogEntry, Member, Millis, OverflowPointer } from '../model.ts';
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
import { checkPlace, isId, isNumber, type Part, type Parts, walk } from '../walk.ts';
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
  const parts: Parts = {
    chats: {
      isPlace: isId,
      async *run(after) {
        for await (const chats of chatsAfter(ports, username, after)) {
          const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
          for (const row of rows) add(lists.chats, chatOf(row));
          yield chats.at(-1) ?? '';
        }
      },
    },
    pending: {
      isPlace: (after) => pointerIn(after) !== undefined,
      async *run(after) {
        for await (const { item, after: next } of pendingOf(ports, username, after)) {
          if (item) add(lists.pending, item);
          // Those in the inbox are few, and no place is between them.
          if (next !== '') yield next;
        }
      },
    },
    invitations: {
      isPlace: isId,
      async *run(after) {
        for await (const { group } of invitationsOf(ports, username, after)) {
          add(lists.invitations, group);
          yield group;
        }
      },
    },
    removals: scanned(scans, 'Directory', scans.removalsOf, username, (group) =>
      add(lists.removed_from, group),
    ),
    sessions: scanned(scans, 'Sessions', scans.sessionsOf, username, () => {
      sessions++;
    }),
    messages: scanned(scans, 'History', scans.entriesBy, username, (entry) =>
      add(lists.messages, messageOf(entry)),
    ),
  };
  const next = await walk(runtime, parts, from, () => size > PAGE_SIZE);
  return { username, ...(from === undefined && { user }), ...lists, sessions, ...(next && { next }) };
}

/** A part that reads a whole table, and does something with all that it finds of a user. */
const scanned = <T>(
  scans: Scans,
  table: Parameters<Scans['isPlace']>[0],
  read: (username: string, after?: string) => AsyncIterable<Found<T>>,
  username: string,
  use: (item: T) => Promise<void> | void,
): Part => ({
  isPlace: (after) => scans.isPlace(table, after),
  async *run(after) {
    for await (const { item, after: next } of read(username, after)) {
      if (item !== undefined) await use(item);
      yield next;
    }
  },
});

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
  let last = pointerIn(after);
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

/** The pointer in a place; undefined if it is none. */
function pointerIn(after: string): OverflowPointer | undefined {
  try {
    const { overflow, chat, from, id } = JSON.parse(after) as Partial<OverflowPointer>;
    const isOne = [overflow, chat, id].every((each) => typeof each === 'string') && Number.isInteger(from);
    return isOne ? ({ overflow, chat, from, id } as OverflowPointer) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Deletes a user: nobody can log in as them, their messages stay in the log without text, and they leave all chats. Their
 * name stays reserved, so that nobody can impersonate them. If it dies halfway, a call from the start completes it. The call
 * that has come through everything says `next`: later calls wait until nothing that began as them can run any more, and
 * take what that has stored.
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
  let waits = false;
  /** Erases the texts that are there now, of which edits and deletions have none. */
  const texts = scanned(scans, 'History', scans.entriesBy, username, async (entry) => {
    const { chat, seq, edits, deletes, changed } = entry;
    if (edits !== undefined || deletes !== undefined || changed?.kind === 'deleted') return;
    await history.erase(chat, seq, runtime.now());
    erased.messages++;
  });
  const chats: Part = {
    isPlace: isId,
    async *run(after) {
      for await (const page of chatsAfter(ports, username, after))
        for (const chat of page) {
          const group = groupOf(chat);
          const row = await members.get(chat, username);
          if (group === undefined) await members.leave({ chat, username });
          else if (row) await quit(ports, await directory.get(group, 'group'), row);
          erased.chats++;
          yield chat;
        }
    },
  };
  const inbox: Part = {
    isPlace: (after) => after === '',
    async *run(after) {
      if (after !== undefined) return;
      await ports.inboxes.forget(username);
      await ports.overflow.forget(username);
      yield '';
    },
  };
  /** Ends a connection that no inbox lists: its login died before it had added its device. */
  const end = async (found: readonly [string, Pick<Bound, 'form'>]) => {
    await connections.unbind(found[0], username);
    await notifyEnded(ports.gateway, new Map([found]), 'erased');
  };
  /** Says a place again and again until a time. */
  async function* until(time: Millis, place: string): AsyncGenerator<string> {
    for (let left = time - runtime.now(); left > 0; left = time - runtime.now()) {
      await runtime.pause(Math.min(left, SOON));
      yield place;
    }
  }
  const isTime = (time: string) => isNumber(time) && Number(time) <= runtime.now() + limits.callLife + CLOCKS;
  const parts: Parts = {
    connections: scanned(scans, 'Connections', scans.connectionsOf, username, end),
    messages: texts,
    chats,
    invitations: {
      isPlace: isId,
      async *run(after) {
        for await (const each of invitationsOf(ports, username, after)) {
          await invitations.remove(each);
          yield each.group;
        }
      },
    },
    removals: scanned(scans, 'Directory', scans.removalsOf, username, (group) =>
      directory.unbar({ name: group }, username),
    ),
    sessions: scanned(scans, 'Sessions', scans.sessionsOf, username, (digest) => sessions.end(digest)),
    inbox,
    // What began as them before they were locked out may store until it ends.
    calls: {
      isPlace: isTime,
      async *run(after) {
        const place = after ?? String(runtime.now() + limits.callLife);
        // Who asks has a reply first.
        waits = after === undefined;
        if (waits) yield place;
        yield* until(Number(place), place);
      },
    },
    // A login that began before may have bound its connection after the first reading, and died. What began on it ends, too.
    'late connections': {
      isPlace(place) {
        const [time = '', ...after] = place.split(' ');
        return isTime(time) && scans.isPlace('Connections', after.join(' '));
      },
      async *run(from = '0') {
        const [time, ...rest] = from.split(' ');
        let [last, place] = [Number(time), from];
        const after = rest.length > 0 ? rest.join(' ') : undefined;
        for await (const { item, after: next } of scans.connectionsOf(username, after)) {
          if (item !== undefined) {
            await end(item);
            last = runtime.now() + limits.callLife;
          }
          place = `${last} ${next}`;
          yield place;
        }
        yield* until(last, place);
      },
    },
    'late messages': texts,
    'late chats': chats,
    'late inbox': inbox,
  };
  checkPlace(parts, from);
  const rest = async () => {
    const next = await walk(runtime, parts, from, () => waits);
    return { username, ...erased, ...(next !== undefined && { next }) };
  };
  return afterCommit(half(username), rest());
}

/** What the clocks of two instances may differ by. */
const CLOCKS: Millis = 10_000;
const SOON: Millis = 1_000;

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
