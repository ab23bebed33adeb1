import { createElement, Fragment, type ReactNode } from 'react';
import { expect, test, vi } from 'vitest';
import {
  type ChatMessage,
  ChatProvider,
  useChatActions,
  useChats,
  useConnection,
  useGroup,
  useInvitations,
  useLastMessage,
  useMembers,
  useMessages,
  useParley,
  usePresence,
  useProfile,
  useTyping,
} from '../../../clients/react/index.ts';
import { RequestError } from '../../../clients/sdk/errors.ts';
import { FakeChat } from '../terminal/fake-chat.ts';
import { aMessage, aSummary, inGroup } from '../view/views.ts';
import { aRoot, watcher } from './rendered.ts';

const bob = { user: 'bob' };
const team = aSummary({ chat_id: '#team', kind: 'group', name: 'team', unread: 0, read: 3 });

/** A client of alice with this log and these chats, and what hooks show of it. */
async function shown(chat: FakeChat, ...nodes: ReactNode[]) {
  const root = await aRoot();
  root.render(createElement(ChatProvider, { client: chat }, createElement(Fragment, null, ...nodes)));
  return root;
}

/** The messages of the chat with bob, as an application may show them. */
function Lines() {
  const { messages } = useMessages(bob);
  const by = (each: ChatMessage) => (each.isSystem ? 'Service' : each.isOwn ? 'I' : each.sender);
  return messages.map((each) => createElement('p', { key: each.id }, `${by(each)}: ${each.content}. `));
}

/** All that happens in the same moment is shown, and nothing else. */
const settled = () => new Promise((done) => setTimeout(done));

function aChat(log = 3): FakeChat {
  const chat = new FakeChat();
  chat.log = Array.from({ length: log }, (_, index) => aMessage(index + 1));
  chat.summaries = [aSummary({ last_seq: log }), team];
  chat.answers = { get_profiles: { profiles: [] }, get_groups: { groups: [] } };
  return chat;
}

test('messages come page by page, until the first', async () => {
  const chat = aChat(90);
  const messages = watcher(() => useMessages({ user: 'Bob' }));
  await shown(chat, messages.node);
  expect(messages.last).toMatchObject({
    messages: [],
    isLoading: true,
    hasOlder: true,
    isLoadingOlder: false,
  });
  await expect.poll(() => messages.last.isLoading).toBe(false);
  expect(messages.last.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => 51 + i));
  const [first] = messages.last.messages;
  const { history } = chat;
  let go = () => {};
  const isAnswered = new Promise<void>((done) => {
    go = done;
  });
  vi.spyOn(chat, 'history').mockImplementationOnce(async (...asked) => {
    await isAnswered;
    return history.apply(chat, asked);
  });
  const loaded = messages.last.loadOlder();
  await expect.poll(() => messages.last).toMatchObject({ isLoadingOlder: true, isLoading: false });
  go();
  await loaded;
  await expect.poll(() => messages.last.isLoadingOlder).toBe(false);
  expect(messages.last.messages[40]).toBe(first);
  await messages.last.loadOlder();
  await expect.poll(() => messages.last).toMatchObject({ hasOlder: false, isLoadingOlder: false });
  expect(messages.last.messages).toHaveLength(90);
  const asked = chat.asked.length;
  await messages.last.loadOlder();
  expect(chat.asked).toHaveLength(asked);
});

test('a message is another object only if it has changed', async () => {
  const chat = aChat();
  const messages = watcher(() => useMessages(bob));
  await shown(chat, messages.node);
  await expect.poll(() => messages.last.messages.length).toBe(3);
  const [one, two, three] = messages.last.messages;
  const { send, edit, loadOlder } = messages.last;
  chat.emit('message', aMessage(4, { edits: 2, content: 'better' }));
  chat.emit('message', aMessage(5, { deletes: 3, content: '' }));
  await expect.poll(() => messages.last.messages[1]?.content).toBe('better');
  expect(messages.last.messages[0]).toBe(one);
  expect(messages.last.messages[1]).toEqual({ ...two, content: 'better', isEdited: true });
  expect(messages.last.messages[2]).toEqual({ ...three, content: '', isDeleted: true });
  expect(messages.last).toMatchObject({ send, edit, loadOlder });
});

test('what is sent is there at once, and keeps its id when it is stored', async () => {
  const chat = aChat();
  const messages = watcher(() => useMessages(bob));
  await shown(chat, messages.node);
  await expect.poll(() => messages.last.messages.length).toBe(3);
  const { id } = messages.last.send('hi');
  await expect.poll(() => messages.last.messages.length).toBe(4);
  expect(messages.last.messages[3]).toMatchObject({ id, status: 'sending', sender: 'alice', isOwn: true });
  Object.assign(chat.sendings[0] as object, {
    status: 'failed',
    error: new RequestError('not_allowed', 'You may not.'),
  });
  chat.emit('sending', chat.sendings[0] as never);
  await expect
    .poll(() => messages.last.messages[3])
    .toMatchObject({ status: 'not sent', problem: 'You may not.' });
  const failed = messages.last.messages[3];
  if (failed) messages.last.retry(failed);
  if (failed) messages.last.discard(failed);
  expect(chat.asked.slice(-2)).toEqual([
    { type: 'retry', id },
    { type: 'discard', id },
  ]);
  chat.sendings.splice(0);
  chat.emit(
    'message',
    aMessage(4, { sender: 'alice', recipient: 'bob', client_message_id: id, content: 'hi' }),
  );
  await expect
    .poll(() => messages.last.messages[3])
    .toMatchObject({ id, seq: 4, status: 'sent', isRead: false });
  chat.emit('READ', { type: 'READ', chat_id: 'alice:bob', username: 'bob', seq: 4 });
  await expect.poll(() => messages.last.messages[3]?.isRead).toBe(true);
});

test('two messages that a client of the user has sent with the same id are both there', async () => {
  const chat = aChat();
  const mine = { sender: 'alice', recipient: 'bob', client_message_id: '1' };
  chat.log = [aMessage(1, mine), aMessage(2), aMessage(3, mine)];
  const messages = watcher(() => useMessages(bob));
  await shown(chat, messages.node);
  await expect.poll(() => messages.last.messages.map(({ id }) => id)).toEqual(['1', '#2', '#3']);
});

test('edits and deletions show as they will be, and can be taken back', async () => {
  const chat = aChat(0);
  chat.log = [aMessage(1, { sender: 'alice', recipient: 'bob' })];
  const messages = watcher(() => useMessages(bob));
  await shown(chat, messages.node);
  await expect.poll(() => messages.last.messages.length).toBe(1);
  const [own] = messages.last.messages;
  if (!own) return;
  messages.last.edit(own, 'new');
  await expect.poll(() => messages.last.messages[0]).toMatchObject({ content: 'new', status: 'saving' });
  chat.sendings.splice(0);
  messages.last.remove(own, 5_000);
  await expect
    .poll(() => messages.last.messages[0])
    .toMatchObject({ isDeleted: true, status: 'deleting', canUndo: true, content: '' });
  const [deleted] = messages.last.messages;
  if (deleted) messages.last.undo(deleted);
  expect(chat.asked.slice(-3)).toMatchObject([
    { type: 'edit', to: 'bob', target: 1, content: 'new' },
    { type: 'delete', to: 'bob', target: 1, undoMs: 5_000 },
    { type: 'undo', id: chat.sendings[0]?.id },
  ]);
});

test('a hook renders again only for its own part', async () => {
  const chat = aChat();
  const hooks = {
    connection: watcher(useConnection),
    chats: watcher(useChats),
    bobs: watcher(() => useMessages(bob)),
    teams: watcher(() => useMessages({ group: 'team' })),
    typing: watcher(() => useTyping(bob)),
    actions: watcher(() => useChatActions(bob)),
    parley: watcher(useParley),
    profile: watcher(() => useProfile('bob')),
    presence: watcher(() => usePresence('bob')),
    last: watcher(() => useLastMessage(bob)),
  };
  chat.answers.presence = { users: [{ username: 'bob', online: true }] };
  await shown(chat, ...Object.values(hooks).map(({ node }) => node));
  await expect.poll(() => hooks.bobs.last.isLoading).toBe(false);
  await expect.poll(() => hooks.teams.last.isLoading).toBe(false);
  await expect.poll(() => hooks.presence.last.isOnline).toBe(true);
  await settled();
  /** The hooks that rendered again. */
  const after = async (happens: () => void) => {
    const before = Object.entries(hooks).map(([name, { renders }]) => [name, renders] as const);
    happens();
    await settled();
    const counts = new Map(Object.entries(hooks).map(([name, { renders }]) => [name, renders]));
    return Object.fromEntries(
      before
        .map(([name, count]) => [name, (counts.get(name) ?? 0) - count] as const)
        .filter(([, more]) => more),
    );
  };
  expect(
    await after(() => chat.emit('TYPING', { type: 'TYPING', chat_id: 'alice:bob', username: 'bob' })),
  ).toEqual({
    typing: 1,
  });
  expect(await after(() => chat.emit('message', aMessage(9, inGroup({ sender: 'bob' }))))).toEqual({
    chats: 1,
    teams: 1,
  });
  expect(
    await after(() => chat.emit('READ', { type: 'READ', chat_id: 'alice:bob', username: 'bob', seq: 3 })),
  ).toEqual({});
  const thousands = () => {
    for (let seq = 10; seq < 2_000; seq++) chat.emit('message', aMessage(seq));
  };
  expect(await after(thousands)).toEqual({ bobs: 1, chats: 1, last: 1, typing: 1 });
  expect(await after(() => chat.become('waiting', 'connection_lost'))).toEqual({
    connection: 1,
    presence: 1,
  });
  expect(hooks.connection.last).toMatchObject({
    state: 'waiting',
    reason: 'connection_lost',
    retryInMs: 1_000,
  });
});

test('what fails is said, and tried again with the next connection', async () => {
  const chat = aChat();
  const lost = new RequestError('connection_lost', 'The connection ended.');
  const history = vi.spyOn(chat, 'history').mockRejectedValue(lost);
  const chats = vi.spyOn(chat, 'chats').mockRejectedValue(lost);
  const [messages, list] = [watcher(() => useMessages(bob)), watcher(useChats)];
  await shown(chat, messages.node, list.node);
  await expect.poll(() => messages.last).toMatchObject({ error: lost, isLoading: false });
  await expect.poll(() => list.last).toMatchObject({ error: lost, isLoading: false });
  history.mockRestore();
  chats.mockRestore();
  chat.become('waiting', 'connection_lost');
  chat.become('online');
  await expect.poll(() => messages.last).toMatchObject({ error: undefined, isLoading: false });
  expect(messages.last.messages).toHaveLength(3);
  await expect.poll(() => list.last.chats.map(({ id }) => id)).toEqual(['#team', 'alice:bob'].sort());
});

test.each([
  ['something', true],
  ['nothing', false],
])(
  'with %s kept, it is shown or asked for once when there turns out to be no connection',
  async (_, isKept) => {
    const chat = aChat();
    const { history } = chat;
    chat.state = 'connecting';
    const asked = vi.spyOn(chat, 'history').mockImplementation(() => new Promise(() => {}));
    const messages = watcher(() => useMessages(bob));
    await shown(chat, messages.node);
    expect(messages.last).toMatchObject({ isLoading: true, messages: [] });
    if (isKept) asked.mockImplementation(history.bind(chat));
    for (const state of ['waiting', 'connecting', 'waiting'] as const) chat.become(state);
    expect(asked).toHaveBeenCalledTimes(2);
    if (isKept) await expect.poll(() => messages.last).toMatchObject({ isLoading: false });
    expect(messages.last.messages).toHaveLength(isKept ? 3 : 0);
  },
);

test('chats have titles, and are read as far as somebody says', async () => {
  const chat = aChat();
  chat.answers = {
    get_profiles: { profiles: [{ username: 'bob', display_name: '王小明', avatar_url: 'https://x/y' }] },
    get_groups: { groups: [{ group_id: 'team', title: 'Unser Team', topic: 'Work' }] },
    mark_read: {},
  };
  const [list, messages] = [watcher(useChats), watcher(() => useMessages(bob))];
  const [profile, group] = [watcher(() => useProfile('bob')), watcher(() => useGroup('team'))];
  await shown(chat, list.node, messages.node, profile.node, group.node);
  const titles = () => Object.fromEntries(list.last.chats.map(({ id, title }) => [id, title]));
  await expect.poll(titles).toEqual({ 'alice:bob': '王小明', '#team': 'Unser Team' });
  await expect.poll(() => profile.last).toMatchObject({ name: '王小明', isLoading: false });
  expect(profile.last.profile?.avatar_url).toBe('https://x/y');
  await expect.poll(() => group.last).toMatchObject({ title: 'Unser Team', group: { topic: 'Work' } });
  // Chats, members of the team and its title are all asked for at once.
  expect(chat.asked.filter((each) => 'usernames' in each)).toHaveLength(1);
  const unread = () => list.last.chats.find(({ id }) => id === 'alice:bob')?.unread;
  await expect.poll(unread).toBe(2);
  await expect.poll(() => messages.last.messages.length).toBe(3);
  expect(messages.last.readUpTo()).toBe(1);
  messages.last.markRead(messages.last.messages[1]);
  await expect.poll(unread).toBe(1);
  messages.last.markRead();
  await expect.poll(unread).toBe(0);
  await expect.poll(() => chat.asked.at(-1)).toEqual({ type: 'mark_read', chat: 'alice:bob', seq: 3 });
});

test.each([
  [0, 60],
  [1, 10],
])('with %i unread, a chat is read up to %i before one’s own messages', async (unread, read) => {
  const chat = aChat();
  chat.log = Array.from({ length: 100 }, (_, index) =>
    aMessage(index + 1, { sender: 'alice', recipient: 'bob' }),
  );
  chat.summaries = [aSummary({ last_seq: 100, read: 10, unread })];
  const messages = watcher(() => useMessages(bob));
  await shown(chat, messages.node);
  await expect.poll(() => messages.last.messages.length).toBe(40);
  expect(messages.last.readUpTo()).toBe(read);
});

test('members come page by page', async () => {
  const chat = aChat();
  const page = (...usernames: string[]) => usernames.map((username) => ({ username, online: false }));
  chat.answers.list_members = {
    members: page('alice', 'bob'),
    next: { after: 'bob' },
    count: 3,
    owner: 'alice',
  };
  const members = watcher(() => useMembers('Team'));
  await shown(chat, members.node);
  expect(members.last).toMatchObject({ isLoading: true, members: [] });
  await expect
    .poll(() => members.last)
    .toMatchObject({ count: 3, owner: 'alice', hasMore: true, isLoading: false });
  chat.answers.list_members = { members: page('carol'), count: 3, owner: 'alice' };
  await members.last.loadMore();
  await expect.poll(() => members.last.hasMore).toBe(false);
  expect(members.last.members.map(({ username }) => username)).toEqual(['alice', 'bob', 'carol']);
  delete chat.answers.list_members;
  chat.emit('message', aMessage(4, inGroup({ sender: 'dave' })));
  await expect.poll(() => members.last.error?.code).toBe('bad_request');
  expect(members.last.members).toHaveLength(3);
});

test('presence of all who are shown is asked for at once', async () => {
  const chat = aChat();
  const users = ['bob', 'carol'].map((username) => ({ username, online: username === 'bob' }));
  chat.answers.presence = { users };
  const [one, same, other] = ['bob', 'bob', 'carol'].map((user) => watcher(() => usePresence(user)));
  await shown(chat, one?.node, same?.node, other?.node);
  await expect.poll(() => [one, same, other].map((each) => each?.last.isOnline)).toEqual([true, true, false]);
  expect(chat.asked.filter((each) => (each as { type: string }).type === 'presence')).toEqual([
    { type: 'presence', usernames: ['bob', 'carol'] },
  ]);
  // Nobody knows without a connection.
  chat.become('waiting', 'connection_lost');
  await expect.poll(() => one?.last).toMatchObject({ isOnline: false, isLoading: true });
  chat.become('online');
  await expect.poll(() => one?.last.isOnline).toBe(true);
});

test('invitations are accepted and declined', async () => {
  const chat = aChat();
  const invitation = { by: 'bob', timestamp: '2026-01-01T00:00:00.000Z' };
  chat.answers.list_invitations = {
    invitations: [
      { group_id: 'one', ...invitation },
      { group_id: 'two', ...invitation },
    ],
  };
  Object.assign(chat.answers, { join_group: {}, leave_group: {} });
  const invited = watcher(useInvitations);
  await shown(chat, invited.node);
  await expect.poll(() => invited.last.invitations.length).toBe(2);
  await invited.last.accept('one');
  await invited.last.decline('two');
  await expect.poll(() => invited.last).toMatchObject({ invitations: [], isLoading: false });
});

test('of a group that is left, and of who is logged out, nothing is shown any more', async () => {
  const chat = aChat();
  chat.log = [aMessage(1, inGroup())];
  chat.answers.list_invitations = { invitations: [{ group_id: 'one', by: 'bob', timestamp: '2026' }] };
  const [messages, list] = [watcher(() => useMessages({ group: 'team' })), watcher(useChats)];
  const invited = watcher(useInvitations);
  await shown(chat, messages.node, list.node, invited.node);
  await expect.poll(() => messages.last.messages.length).toBe(1);
  chat.emit('chat-left', { chat_id: '#team' });
  await expect.poll(() => messages.last).toMatchObject({ messages: [], error: { code: 'not_a_member' } });
  await expect.poll(() => list.last.chats.length).toBe(1);
  await expect.poll(() => invited.last.invitations.length).toBe(1);
  chat.become('closed', 'logged_out');
  await expect
    .poll(() => invited.last)
    .toMatchObject({ invitations: [], isLoading: false, error: { code: 'logged_out' } });
  await expect
    .poll(() => list.last)
    .toMatchObject({ chats: [], isLoading: false, error: { code: 'logged_out' } });
});

test('the service’s own messages are told from those of whoever is called so', async () => {
  const chat = aChat();
  const system = { sender: 'system', system: true as const };
  chat.log = [
    aMessage(1, { ...system, content: 'Matched' }),
    aMessage(2, { sender: 'system', content: 'Pay at x.test' }),
    aMessage(3, { sender: 'alice', recipient: 'bob' }),
  ];
  const last = watcher(() => useLastMessage(bob));
  const root = await shown(chat, createElement(Lines), last.node);
  await expect.poll(() => root.text).toBe('Service: Matched. system: Pay at x.test. I: message 3. ');
  chat.emit('message', aMessage(4, { ...system, content: 'Bye' }));
  await expect.poll(() => root.text).toContain('Service: Bye. ');
  expect(last.last).toMatchObject({ isSystem: true, isOwn: false, sender: 'system' });
});

test('who types is shown until the signal runs out', async () => {
  const chat = aChat();
  const typing = watcher(() => useTyping(bob));
  await shown(chat, typing.node);
  await settled();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    chat.emit('TYPING', { type: 'TYPING', chat_id: 'alice:bob', username: 'bob' });
    await expect.poll(() => typing.last).toEqual(['bob']);
    vi.advanceTimersByTime(6_001);
    await expect.poll(() => typing.last).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('the client of the app is left as it was: open, and without listeners of ours', async () => {
  const chat = aChat();
  const { on } = chat;
  const listeners = new Set<object>();
  const counting: FakeChat['on'] = (event, listener) => {
    const end = on(event, listener);
    const entry = {};
    listeners.add(entry);
    return () => {
      listeners.delete(entry);
      end();
    };
  };
  Object.assign(chat, { on: counting });
  const hooks = [useChats, useInvitations, () => useMembers('team'), () => useLastMessage(bob)].map((use) =>
    watcher<unknown>(use),
  );
  const root = await shown(chat, ...hooks.map(({ node }) => node));
  await settled();
  expect(listeners.size).toBeGreaterThan(5);
  root.unmount();
  await expect.poll(() => listeners.size).toBe(0);
  expect(chat.state).toBe('online');
});
