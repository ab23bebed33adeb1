import { INBOX_POINTERS } from '../../chat/model.ts';
import type { Cloud } from '../../local/cloud.ts';
import { commands, limits } from '../../protocol/index.ts';
import type { Client } from '../../test/support/client.ts';
import { requestFor } from '../../test/support/request-for.ts';
import { type FilledChat, fillChats } from './filled.ts';
import type { People } from './people.ts';

/** The settings of the measurement. Rate limits are off, since it shows what they protect against. */
export const dearestContext = { devices: '10', sendRate: 'off', fanOutPageSize: '200' };

const DEVICES = Number(dearestContext.devices);
const CHATS = 500;
// A long chat of messages of the maximum size: 6.5 MB.
const ENTRIES = 400;
const content = 'x'.repeat(limits.contentBytes);

/** The users, chats and groups that the frames work on, as expensive as users can make them. */
export interface Hostile {
  alice: Client;
  /** Has ten devices online, like alice. */
  bob: string;
  bobsPhone: Client;
  /** A chat with `bob` that is long and large. */
  long: string;
  chats: FilledChat[];
  /** A group of alice's with as many members as one invocation handles; all are away and have nothing pending. */
  crowd: string;
  /** A group of `owner` and `present`, all of whom are online on one device. */
  lobby: string;
  owner: Client;
  present: string[];
  /** An open group that alice isn't in, and users she has no chat with. */
  other: string;
  strangers: string[];
  /** Users, and groups of the owner's, with profiles of the maximum size. */
  faces: string[];
  clubs: string[];
  /** A connection that is not logged in. */
  nobody: Client;
  /** A chat of messages of the maximum size, followed by an edit of each and nothing else. */
  edited: { author: Client; reader: Client; chat: string };
}

/** A frame, its sender (default: alice), and the type of the last frame that it causes (default: its reply). */
interface Frames {
  by?: Client;
  frame: { type: string; [field: string]: unknown };
  until?: string;
}

export async function hostile(cloud: Cloud, people: People): Promise<Hostile> {
  const [alice, bob, owner, nobody] = [
    await people.user(),
    await people.user(),
    await people.user(),
    await people.stranger(),
  ];
  for (const { name } of [alice, bob])
    for (let count = 1; count < DEVICES; count++) await people.device(name);
  const long = [alice.name, bob.name].sort().join(':');
  const row = (chat_id: string, username: string, role: string) => ({ chat_id, username, role, since: 1 });
  const member = (group: string, username: string) => ({
    ...row(`#${group}`, username, 'member'),
    joined: Date.now() - 3_600_000,
  });
  await cloud.fill(
    'Members',
    [alice, bob].map(({ name }) => row(long, name, 'peer')),
  );
  await cloud.fill('History', largest(long, alice.name));
  const chats = await fillChats(cloud, alice.name, CHATS, { content: 'hello' });
  const crowd = await people.group(alice, []);
  const members = Array.from(
    { length: Number(dearestContext.fanOutPageSize) - 1 },
    (_, index) => `zz-${index}`,
  );
  await cloud.fill(
    'Members',
    members.map((name) => member(crowd, name)),
  );
  await cloud.fill(
    'Inboxes',
    members.map((username) => ({ username, connections: {}, pending: {} })),
  );
  const lobby = await people.group(owner, []);
  const present: string[] = [];
  // A few at a time, so that a slow machine answers each in time.
  while (present.length < limits.historyLimit - 1)
    present.push(
      ...(await people.users(Math.min(10, limits.historyLimit - 1 - present.length))).map(({ name }) => name),
    );
  await cloud.fill(
    'Members',
    present.map((name) => member(lobby, name)),
  );
  const other = await people.group(owner, []);
  const strangers = [await people.away(), await people.away(), await people.away()];
  // More than a page of invitations, to groups with titles of the maximum size.
  await cloud.fill(
    'Invitations',
    Array.from({ length: 60 }, (_, index) => ({
      ...{ username: alice.name, group_id: `club-${index}`, inviter: 'x'.repeat(limits.userIdLength) },
      ...{ at: Date.now(), id: `${index}`, attemptId: 'club' },
    })),
  );
  await cloud.fill(
    'Directory',
    Array.from({ length: 60 }, (_, index) => ({
      ...{
        name: `club-${index}`,
        kind: 'group',
        created: 1,
        owner: owner.name,
        attemptId: 'club',
        members: 1,
      },
    })),
  );
  const groups = { crowd, lobby, other };
  const edited = await chatOfEdits(cloud, people);
  const [faces, clubs] = ['face', 'club'].map((word) =>
    Array.from({ length: limits.profiles }, (_, index) => `${word}-${index}`),
  ) as [string[], string[]];
  await cloud.fill('Profiles', [
    ...faces.map((name) => ({ id: `@${name}`, ...largestProfile })),
    ...clubs.map((name) => ({ id: `#${name}`, ...largestTitle })),
  ]);
  await cloud.fill(
    'Members',
    clubs.map((name) => member(name, owner.name)),
  );
  const them = { alice, bob: bob.name, bobsPhone: bob, owner, present, strangers, nobody };
  return { ...them, long, chats, ...groups, edited, faces, clubs };
}

const shown = {
  name: '𝒳'.repeat(limits.displayName),
  avatar: 'https://x/'.padEnd(limits.urlLength, 'x'),
};
const data = { x: 'x'.repeat(limits.profileBytes - 8) };
const topic = '𝒳'.repeat(limits.topic);

/** A user's and a group's row of the maximum size, as stored in Profiles. */
const largestProfile = { ...shown, data: JSON.stringify(data) };
const largestTitle = { ...shown, topic };

/** Messages of the maximum size, all from one user of a private chat. */
const largest = (chat_id: string, sender: string) =>
  Array.from({ length: ENTRIES }, (_, index) => ({
    chat_id,
    seq: index + 1,
    id: `long ${index + 1}`,
    sender,
    content,
    at: Date.now() - 3_600_000 + index,
    counts: chat_id.startsWith(`${sender}:`) ? [index + 1, 0, 0] : [0, index + 1, 0],
  }));

async function chatOfEdits(cloud: Cloud, people: People): Promise<Hostile['edited']> {
  const [author, reader] = [await people.user(), await people.user()];
  const chat = [author.name, reader.name].sort().join(':');
  const rows = [author, reader].map(({ name }) => ({
    chat_id: chat,
    username: name,
    role: 'peer',
    since: 1,
  }));
  await cloud.fill('Members', rows);
  const messages = largest(chat, author.name);
  const edits = messages.map(({ seq, at, ...rest }) => ({
    ...{ ...rest, counts: messages.at(-1)?.counts, content: '', edits: seq },
    ...{ seq: ENTRIES + seq, id: `edit ${seq}`, at: at + ENTRIES },
  }));
  await cloud.fill('History', messages);
  await cloud.fill('History', edits);
  return { author, reader, chat };
}

const changesOf = ({ edited: { author } }: Hostile) => ({
  type: 'fetch_history',
  recipient: author.name,
  limit: limits.historyLimit,
  changes: true,
});
const TIMES = { start_time: '2000-01-01', end_time: '2100-01-01' };

/** Pages of nothing but edits of messages of the maximum size: an edit's entry is small, but its text is large. */
export const pagesOfEdits: Record<string, (scene: Hostile) => Frames> = {
  sync: ({ edited: { reader, chat } }) => ({
    by: reader,
    frame: { type: 'sync', cursors: { [chat]: ENTRIES } },
  }),
  'fetch_history, downward': (scene) => ({ by: scene.edited.reader, frame: changesOf(scene) }),
  'fetch_history, upward': (scene) => ({
    by: scene.edited.reader,
    frame: { ...changesOf(scene), after_seq: ENTRIES },
  }),
  'fetch_history, by time': (scene) => ({
    by: scene.edited.reader,
    frame: { ...changesOf(scene), ...TIMES, after_seq: ENTRIES },
  }),
  'login with cursors': ({ edited: { reader, chat } }) => ({
    by: reader,
    frame: { type: 'login', username: reader.name, cursors: { [chat]: ENTRIES } },
    until: 'sync_response',
  }),
};

// Groups and private chats with a pending message: enough for a full inbox and several pages of the overflow.
const PENDING = { groups: 300, private: 600 };
// Names of the maximum length, for pointers of the maximum size.
const nameOf = (what: string, index: number) => `${what}${index}`.padEnd(limits.nameLength, 'x');

/** Creates a user who is away and has a message pending in each of these chats. @returns the username */
export async function fillPending(cloud: Cloud, people: People): Promise<string> {
  const username = await people.away();
  const groups = Array.from({ length: PENDING.groups }, (_, index) => `#${nameOf('g', index)}`);
  const partners = Array.from({ length: PENDING.private }, (_, index) => nameOf('p', index));
  const chats = [
    ...groups.map((chat_id) => ({ chat_id, sender: 'somebody', role: 'member' })),
    ...partners.map((sender) => ({
      ...{ chat_id: [sender, username].sort().join(':'), sender, role: 'peer' },
      counts: sender < username ? [1, 0, 0] : [0, 1, 0],
    })),
  ];
  await cloud.fill(
    'Members',
    chats.map(({ chat_id, role }) => ({ chat_id, username, role, since: 1, attemptId: username })),
  );
  const at = Date.now() - 3_600_000;
  await cloud.fill(
    'History',
    chats.map(({ role: _, ...chat }) => ({ ...chat, seq: 1, id: `${chat.chat_id} 1`, content: 'hi', at })),
  );
  const pending = Object.fromEntries(chats.slice(-INBOX_POINTERS).map(({ chat_id }) => [chat_id, 1]));
  const overflow = crypto.randomUUID();
  await cloud.fill('Inboxes', [{ username, connections: {}, pending, overflow, epoch: 0 }]);
  const pointers = chats.slice(0, -INBOX_POINTERS).map(({ chat_id }) => ({
    username,
    pointer: [overflow, chat_id, '1'.padStart(16, '0'), crypto.randomUUID()].join(' '),
  }));
  await cloud.fill('Overflow', pointers);
  return username;
}

/**
 * The dearest frames of a user with many pending chats, in the order in which they are sent: the first on a new connection,
 * the others on the same one.
 */
export const framesWithManyPending: Record<string, (username: string) => Frames> = {
  'login with cursors': (username) => ({
    frame: { type: 'login', username, cursors: {} },
    until: 'sync_response',
  }),
  // As a client that has everything: it acknowledges a page of pointers.
  'sync behind all of it': () => ({ frame: { type: 'sync', from_chat: 'z:z', cursors: {} } }),
};

type FramesOf = (scene: Hostile) => Frames;

const titled = { title: shown.name, topic, avatar_url: shown.avatar };

/** Frames that are dearer than the examples in the docs, in the order in which they are sent: late ones undo early ones. */
const dearer: Record<string, FramesOf> = {
  register: ({ nobody }) => ({
    by: nobody,
    frame: { type: 'register', username: 'newcomer', password: 'secret' },
  }),
  // Without `after_seq` the search for an earlier copy reads more entries.
  SEND_MESSAGE: ({ bob }) => ({
    frame: { type: 'SEND_MESSAGE', recipient: bob, content, client_message_id: 'k1' },
  }),
  SEND_GROUP_MESSAGE: ({ crowd }) => ({ frame: { type: 'SEND_GROUP_MESSAGE', group_id: crowd, content } }),
  edit_message: ({ bob }) => ({
    frame: { type: 'edit_message', chat: bob, seq: 1, content, client_message_id: 'k2' },
  }),
  delete_message: ({ bob }) => ({
    frame: { type: 'delete_message', chat: bob, seq: 1, client_message_id: 'k3' },
  }),
  fetch_history: ({ bob }) => ({
    frame: {
      type: 'fetch_history',
      recipient: bob,
      ...TIMES,
      limit: limits.historyLimit,
    },
  }),
  sync: ({ long }) => ({ frame: { type: 'sync', cursors: { [long]: 0 } } }),
  // As in the docs, but the last message of each chat is large by now.
  list_chats: () => ({ frame: { type: 'list_chats' } }),
  mark_read: ({ bob }) => ({ frame: { type: 'mark_read', chat: bob } }),
  typing: ({ bob }) => ({ frame: { type: 'typing', chat: bob } }),
  create_group: () => ({
    frame: { type: 'create_group', group_name: 'another', invite_only: true, ...titled },
  }),
  update_group: ({ crowd }) => ({
    frame: { type: 'update_group', group_id: crowd, invite_only: true, ...titled },
  }),
  get_groups: ({ clubs, owner }) => ({ by: owner, frame: { type: 'get_groups', group_ids: clubs } }),
  set_profile: () => ({
    frame: {
      type: 'set_profile',
      display_name: shown.name,
      avatar_url: shown.avatar,
      data,
    },
  }),
  get_profiles: ({ faces }) => ({ frame: { type: 'get_profiles', usernames: faces } }),
  invite: ({ crowd, bob }) => ({ frame: { type: 'invite', group_id: crowd, username: bob } }),
  remove_member: ({ crowd, bob }) => ({ frame: { type: 'remove_member', group_id: crowd, username: bob } }),
  join_group: ({ other }) => ({ frame: { type: 'join_group', group_id: other } }),
  // The new owner has ten devices, which are told.
  set_owner: ({ other, owner, alice }) => ({
    by: owner,
    frame: { type: 'set_owner', group_id: other, username: alice.name },
  }),
  list_members: ({ lobby, owner }) => ({
    by: owner,
    frame: { type: 'list_members', group_id: lobby, limit: limits.historyLimit },
  }),
  leave_group: ({ crowd }) => ({ frame: { type: 'leave_group', group_id: crowd } }),
  presence: ({ present }) => ({
    frame: { type: 'presence', usernames: present.slice(0, limits.presence) },
  }),
  login: ({ alice, long }) => ({
    frame: { type: 'login', username: alice.name, cursors: { [long]: 0 } },
    until: 'sync_response',
  }),
  change_password: () => ({ frame: { type: 'change_password', new_password: 'secret' } }),
  // Of a user who has written a long chat.
  delete_account: ({ edited: { author } }) => ({ by: author, frame: { type: 'delete_account' } }),
  logout: ({ bobsPhone }) => ({ by: bobsPhone, frame: { type: 'logout', everywhere: true } }),
};

/**
 * The dearest login by a token of the identity provider, in a service that has one: of a user who is in a chat of the largest
 * messages, and whom the token calls something else than at the last login.
 * @param tokenOf signs a token with these claims
 */
export async function loginByToken(
  cloud: Cloud,
  people: People,
  tokenOf: (claims: object) => string,
): Promise<Frames> {
  const [sub, partner, by] = ['a'.repeat(limits.userIdLength), 'b', await people.stranger()];
  await by.request({ type: 'login', token: tokenOf({ sub }) });
  const long = `${sub}:${partner}`;
  await cloud.fill(
    'Members',
    [sub, partner].map((username) => ({ chat_id: long, username, role: 'peer', since: 1 })),
  );
  await cloud.fill('History', largest(long, sub));
  const token = tokenOf({ sub, name: shown.name, picture: shown.avatar });
  return { by, frame: { type: 'login', token, cursors: { [long]: 0 } }, until: 'sync_response' };
}

/** The dearest frame of each command. */
export const dearestFrames: Record<string, FramesOf> = {
  ...Object.fromEntries(commands.flatMap(({ type }) => (type in dearer ? [] : [[type, asInTheDocs(type)]]))),
  ...dearer,
};

/** The example of the docs, applied to `crowd` by its owner. */
function asInTheDocs(type: string): FramesOf {
  return ({ alice, bob, crowd }) => {
    const cast = { user1: alice.name, user2: bob, user3: bob, groupname1: crowd };
    return { frame: requestFor(type, cast) };
  };
}
