import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { RequestError } from '../../../clients/sdk/chat.ts';
import { begin, expect as expectEntries, firstHeld, hold, newLog } from '../../../clients/sdk/log.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { repairsOf } from '../../../clients/sdk/repairs.ts';
import { slicesOf } from '../../../clients/sdk/slices.ts';
import { standardTiming } from '../../../clients/sdk/timing.ts';
import { limits } from '../../../protocol/index.ts';
import { aServer, type Peer } from './fake-server.ts';
import { aClient, fromBob, next, online, partOfIt, pushFromBob, told } from './given.ts';

/** @param next where it goes on, in the chat with bob; absent, it is the last */
const page = (messages: object[], next?: number) => ({
  type: 'sync_response',
  status: 'sync_success',
  messages,
  more: next !== undefined,
  ...(next !== undefined && { next: { from_chat: 'ann:bob', from_seq: next } }),
});

/** Settles when the client has read everything that was sent to it so far. */
async function read(chat: ReturnType<typeof aClient>, peer: Peer): Promise<void> {
  const isRead = chat.request({ type: 'ping' });
  await peer.answer('ping');
  await isRead;
}

const inTeam = (seq: number) => ({
  ...fromBob(seq, { chat_id: '#team', groupname: 'team', group_id: 'team' }),
  recipient: undefined,
});

describe('a client tells', () => {
  test('each message once, however often it arrives', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push(pushFromBob(1), pushFromBob(1), pushFromBob(2), pushFromBob(1), page([fromBob(1), fromBob(2)]));
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 2']);
  });

  test('of the service’s own messages that they are, pushed, pending and read again, and of nobody else’s', async () => {
    const system = { sender: 'system', system: true };
    const { chat, peer } = await online();
    const seen: unknown[] = [];
    chat.on('message', ({ seq, sender, system }) => seen.push([seq, sender, system]));
    peer.push(pushFromBob(1, system), pushFromBob(2, { sender: 'system' }), page([fromBob(3, system)]));
    await read(chat, peer);
    expect(seen).toEqual([
      [1, 'system', true],
      [2, 'system', undefined],
      [3, 'system', true],
    ]);
    const history = chat.history({ user: 'bob' });
    await peer.answer('fetch_history', { messages: [fromBob(1, system), fromBob(2, { sender: 'system' })] });
    expect((await history).map(({ system }) => system)).toEqual([true, undefined]);
  });

  test('messages that come several in a frame, which it says at its login that it takes', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const texts = told(chat);
    const isOnline = next(chat, 'state', ({ state }) => state === 'online');
    const { peer, login } = await server.nextLoggedIn();
    await isOnline;
    expect(login).toHaveProperty('batches', true);
    peer.push(
      pushFromBob(1),
      { type: 'MESSAGES', messages: [fromBob(2), fromBob(3)] },
      { type: 'MESSAGES', messages: [fromBob(3), { seq: 4 }, fromBob(4)] },
    );
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 2', 'message 3', 'message 4']);
  });

  test('messages in order though one overtook another, without a request', async () => {
    const { chat, peer } = await online({ timing: { gap: 3_600_000 } });
    const texts = told(chat);
    peer.push(pushFromBob(2), pushFromBob(3));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(chat, peer);
    peer.push(pushFromBob(1));
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 2', 'message 3']);
  });

  test('missing messages first, after requesting them', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push(pushFromBob(1), pushFromBob(4));
    const asked = await peer.next('fetch_history');
    expect(asked).toMatchObject({ recipient: 'bob', after_seq: 1, changes: true, limit: 200 });
    expect(texts).toEqual(['message 1']);
    peer.reply(asked, { messages: [fromBob(2)], next: { after_seq: 2 } });
    const rest = await peer.next('fetch_history');
    expect(rest).toMatchObject({ after_seq: 2 });
    peer.reply(rest, { messages: [fromBob(3), fromBob(4)] });
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 2', 'message 3', 'message 4']);
  });

  test('messages of one chat while another has a gap', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    const ofCid = { chat_id: 'ann:cid', sender: 'cid', content: 'from cid' };
    peer.push(pushFromBob(2), pushFromBob(1, ofCid));
    await read(chat, peer);
    expect(texts).toEqual(['from cid']);
  });

  test('missing messages after a temporary refusal', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push(pushFromBob(2));
    peer.refuse(await peer.next('fetch_history'), 'rate_limited', { retry_after_ms: 5 });
    const isTold = next(chat, 'message', ({ seq }) => seq === 2);
    await peer.answer('fetch_history', { messages: [fromBob(1), fromBob(2)] });
    await isTold;
    expect(texts).toEqual(['message 1', 'message 2']);
  });

  test('missing messages with one request at a time, which waits as long as the server says', async () => {
    const { chat, peer } = await online({ timing: { retryFirst: 0, retryMost: 0 } });
    peer.push(pushFromBob(2), pushFromBob(3));
    peer.refuse(await peer.next('fetch_history'), 'rate_limited', { retry_after_ms: 3_600_000 });
    peer.push(pushFromBob(4));
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(chat, peer);
    expect(peer.untaken).toBe(0);
  });

  test('missing messages whenever there is a gap, page after page without a wait', async () => {
    const timing = { retryFirst: 3_600_000, retryMost: 3_600_000 };
    const { chat, peer } = await online({ random: () => 1, timing });
    const texts = told(chat);
    peer.push(pushFromBob(2));
    await peer.answer('fetch_history', { messages: [fromBob(1)] });
    await read(chat, peer);
    peer.push(pushFromBob(5));
    expect(await peer.answer('fetch_history', { messages: [fromBob(3)] })).toMatchObject({ after_seq: 2 });
    expect(await peer.answer('fetch_history', { messages: [fromBob(4)] })).toMatchObject({ after_seq: 3 });
    await read(chat, peer);
    expect(texts).toEqual([1, 2, 3, 4, 5].map((seq) => `message ${seq}`));
  });

  test('nothing behind a gap, and waits before it asks again if an answer did not help', async () => {
    const { chat, peer } = await online({
      random: () => 1,
      timing: { retryFirst: 3_600_000, retryMost: 3_600_000 },
    });
    peer.push(pushFromBob(2));
    await peer.answer('fetch_history', { messages: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(chat, peer);
    expect(peer.untaken).toBe(0);
  });

  test('messages that arrived while it was offline, and then that it has caught up', async () => {
    const { server, chat, peer } = await online();
    const texts = told(chat);
    peer.push(pushFromBob(1));
    await read(chat, peer);
    const isOver = next(chat, 'caught-up');
    peer.cut();
    const again = await server.next();
    const login = await again.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    expect(login.cursors).toEqual({ 'ann:bob': 1 });
    again.push(page([fromBob(2)], 3));
    const first = await again.next('sync');
    // What the page was the answer to, and what it says to add.
    expect(first).toMatchObject({ cursors: { 'ann:bob': 1 }, from_chat: 'ann:bob', from_seq: 3 });
    again.reply(first, page([fromBob(3)], 4));
    const last = await again.next('sync');
    expect(last).toMatchObject({ cursors: { 'ann:bob': 1 }, from_chat: 'ann:bob', from_seq: 4 });
    again.reply(last, page([]));
    await isOver;
    expect(texts).toEqual(['message 1', 'message 2', 'message 3']);
  });

  test('the pending messages of a login whose function died, by requesting them', async () => {
    const { server, chat, peer } = await online({ timing: { request: 500 } });
    const texts = told(chat);
    const isOver = next(chat, 'caught-up');
    peer.cut();
    const again = await server.next();
    await again.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    again.push(pushFromBob(1));
    const first = await again.next('sync');
    expect(first.cursors).toEqual({ 'ann:bob': 1 });
    expect(first).not.toHaveProperty('from_chat');
    again.reply(first, page([fromBob(2)], 3));
    again.reply(await again.next('sync'), page([fromBob(3)]));
    await isOver;
    expect(texts).toEqual(['message 1', 'message 2', 'message 3']);
  });

  test('the pending messages of a login, even if a page failed, by requesting it again', async () => {
    const { server, chat, peer } = await online({ timing: { request: 500 } });
    const texts = told(chat);
    const isOver = next(chat, 'caught-up');
    peer.cut();
    const again = await server.next();
    await again.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    again.push(page([fromBob(1)], 2));
    again.refuse(await again.next('sync'), 'busy');
    const anew = await again.next('sync');
    expect(anew.cursors).toEqual({ 'ann:bob': 1 });
    again.reply(anew, page([fromBob(2)]));
    await isOver;
    expect(texts).toEqual(['message 1', 'message 2']);
  });

  test('messages that its own request has put into a log', async () => {
    const { chat, peer } = await online();
    peer.push(pushFromBob(1));
    const isTold = next(chat, 'message', ({ seq }) => seq === 2);
    const edited = chat.request({ type: 'edit_message', chat: 'ann:bob', seq: 1, content: 'x' } as never);
    await peer.answer('edit_message', { message_id: 'id 2', chat_id: 'ann:bob', seq: 2 });
    await edited;
    const change = fromBob(2, { edits: 1, content: 'x' });
    expect(await peer.answer('fetch_history', { messages: [change] })).toMatchObject({ after_seq: 1 });
    expect(await isTold).toEqual(change);
  });

  test('pushes of unknown types by their type', async () => {
    const { chat, peer } = await online();
    const seen: unknown[] = [];
    chat.on('NEWS' as 'message', (frame) => seen.push(frame));
    peer.push({ type: 'NEWS', more: 1 });
    await read(chat, peer);
    expect(seen).toEqual([{ type: 'NEWS', more: 1 }]);
  });
});

test('old messages without keeping them in memory', () => {
  const log = newLog('ann:bob');
  begin(log, 5);
  hold(log, fromBob(5));
  expect(firstHeld(log)).toBeUndefined();
  hold(log, fromBob(7));
  expect(firstHeld(log)).toBe(7);
});

test('a repair that fails waits longer each time, and ends with the client', async () => {
  const log = newLog('ann:bob');
  begin(log, 0);
  expectEntries(log, 1);
  const failures = ['busy', 'busy', 'busy', 'closed', 'closed', 'closed'] as const;
  const waits: number[] = [];
  let asked = 0;
  const repair = repairsOf({
    ask: () => Promise.reject(new RequestError(failures[asked++] ?? 'closed', 'A test.')),
    timing: { ...standardTiming, gap: 0 },
    backoff: (attempt) => {
      waits.push(attempt);
      return 0;
    },
    logs: {} as never,
    username: () => 'ann',
    pull: async () => {},
    left: () => {},
  });
  repair(log);
  await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(4), 60_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(waits).toEqual([0, 1, 2]);
  expect(asked).toBe(4);
});

test('repairs ask for one chat at a time', async () => {
  let [under, most, asked] = [0, 0, 0];
  const repair = repairsOf({
    async ask() {
      asked++;
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 5));
      under--;
      throw new RequestError('closed', 'A test.');
    },
    ...{ timing: { ...standardTiming, gap: 0 }, backoff: () => 0, logs: {} as never },
    ...{ username: () => 'ann', pull: async () => {}, left: () => {} },
  });
  for (const id of ['ann:bob', 'ann:carol', '#team']) {
    const log = newLog(id);
    begin(log, 0);
    expectEntries(log, 1);
    repair(log);
  }
  await vi.waitFor(() => expect(asked).toBe(3), 60_000);
  expect(most).toBe(1);
});

test('the late answer to another request is not the page of a login', async () => {
  const store = memoryStore();
  partOfIt(store).set('ann/started', '1');
  const server = await aServer();
  const chat = aClient(server, { store });
  let caughtUp = 0;
  chat.on('caught-up', () => caughtUp++);
  const texts = told(chat);
  const peer = await server.next();
  await peer.answer('login', { username: 'ann', pending_messages: [], groups: [] });
  peer.push({ ...page([fromBob(1)]), request_id: 'timed out' });
  await read(chat, peer);
  expect([texts, caughtUp]).toEqual([['message 1'], 0]);
  const isOver = next(chat, 'caught-up');
  peer.push(page([fromBob(2)]));
  await isOver;
  expect(texts).toEqual(['message 1', 'message 2']);
});

test('pages that an earlier login asks for are not those of the next', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = memoryStore();
  partOfIt(store).set('ann/started', '1');
  const server = await aServer();
  const chat = aClient(server, { store, random: () => 1, timing: { request: 1_000 } });
  let caughtUp = 0;
  chat.on('caught-up', () => caughtUp++);
  const isOnline = next(chat, 'state', ({ state }) => state === 'online');
  const first = await server.next();
  await first.answer('login', { username: 'ann', pending_messages: [], groups: [] });
  await isOnline;
  const waits = next(chat, 'state', ({ state }) => state === 'waiting');
  first.cut();
  await waits;
  await vi.advanceTimersByTimeAsync(10);
  const second = await server.next();
  const login = await second.next('login');
  // The first one's page has not come, so it is asked for, as soon as there is a connection.
  await vi.advanceTimersByTimeAsync(1_000);
  second.reply(login, { username: 'ann', pending_messages: [], groups: [] });
  await second.answer('sync', page([]));
  await read(chat, second);
  expect(caughtUp).toBe(0);
  const isOver = next(chat, 'caught-up');
  second.push(page([]));
  await isOver;
});

describe('a new device', () => {
  const reply = { username: 'ann', groups: [] };
  const summary = { chat_id: 'ann:bob', kind: 'private', name: 'bob', last_seq: 5, read: 0, unread: 5 };

  test('gets new messages, and none of the existing ones', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const texts = told(chat);
    const peer = await server.next();
    expect(await peer.answer('login', { ...reply, pending_messages: [] })).not.toHaveProperty('cursors');
    await peer.answer('list_chats', { chats: [summary] });
    peer.push(pushFromBob(6));
    await read(chat, peer);
    expect(texts).toEqual(['message 6']);
  });

  test('gets pending messages, and messages from before it knew where to start', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const texts = told(chat);
    const peer = await server.next();
    const login = await peer.next('login');
    peer.push(pushFromBob(5));
    peer.reply(login, { ...reply, pending_messages: [fromBob(3)], more: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(peer.untaken).toBe(0);
    peer.push({ type: 'pending_messages', messages: [fromBob(4)], more: false });
    await peer.answer('list_chats', { chats: [], next: { after_chat: 'a' } });
    expect(await peer.answer('list_chats', { chats: [summary] })).toHaveProperty('after_chat', 'a');
    await read(chat, peer);
    expect(texts).toEqual(['message 3', 'message 4', 'message 5']);
  });

  test('starts again if its first login dies halfway', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const texts = told(chat);
    const peer = await server.next();
    await peer.answer('login', { ...reply, pending_messages: [fromBob(4)] });
    await peer.next('list_chats');
    peer.cut();
    const again = await server.next();
    expect(await again.answer('login', { ...reply, pending_messages: [] })).not.toHaveProperty('cursors');
    await again.answer('list_chats', { chats: [summary] });
    await again.answer('fetch_history', { messages: [fromBob(5)] });
    await read(chat, again);
    expect(texts).toEqual(['message 4', 'message 5']);
  });

  test('continues where it was if its store remembers, since then it is not new', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await online({ store });
    peer.push(pushFromBob(1));
    await read(chat, peer);
    chat.close();
    const after = aClient(server, { store });
    const texts = told(after);
    const { login, peer: second } = await server.nextLoggedIn();
    expect(login.cursors).toEqual({ 'ann:bob': 1 });
    second.push(pushFromBob(1), pushFromBob(2));
    await read(after, second);
    expect(texts).toEqual(['message 2']);
  });
});

describe('in a group', () => {
  test('joined on another device, it starts where the server says that the user joined', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(58) });
    expect((await peer.answer('sync', page([inTeam(57), inTeam(58)]))).cursors).toEqual({});
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(peer.untaken).toBe(0);
    await read(chat, peer);
    expect(texts).toEqual(['message 57', 'message 58']);
  });

  test('joined on another device, of which the server says nothing yet, it starts with the messages that arrive', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(58) });
    await peer.answer('sync', page([]));
    const asked = await peer.answer('fetch_history', { messages: [] });
    expect(asked).toMatchObject({ group_id: 'team', limit: 1 });
    expect(asked).not.toHaveProperty('after_seq');
    await read(chat, peer);
    expect(texts).toEqual(['message 58']);
    expect(peer.untaken).toBe(0);
  });

  test('that it is not a member of, it ignores late messages', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    const isLeft = next(chat, 'chat-left');
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(58) });
    await peer.answer('sync', page([]));
    peer.refuse(await peer.next('fetch_history'), 'not_a_member');
    expect(await isLeft).toEqual({ chat_id: '#team' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await read(chat, peer);
    expect(texts).toEqual([]);
  });

  test('that it leaves while its start is asked for, it keeps nothing', async () => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const isLeft = next(chat, 'chat-left');
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(58) });
    const asked = await peer.next('sync');
    peer.push({ type: 'LEFT', group_id: 'team', groupname: 'team' });
    await isLeft;
    peer.reply(asked, page([]));
    await peer.answer('fetch_history', { messages: [] });
    await read(chat, peer);
    expect(partOfIt(store).keys('ann/c/')).toEqual([]);
  });

  test('that it has left meanwhile, it says so', async () => {
    const { chat, peer } = await online();
    const isLeft = next(chat, 'chat-left');
    const created = chat.createGroup('team');
    await peer.answer('create_group', { group_id: 'team', groupname: 'team' });
    await created;
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(2) });
    peer.refuse(await peer.next('fetch_history'), 'not_a_member');
    expect(await isLeft).toEqual({ chat_id: '#team' });
  });

  test.each([
    ['it was removed from', { type: 'REMOVED', by: 'bob' }],
    ['it left on another device', { type: 'LEFT' }],
  ])('that %s, it says so, and has nothing of it any more', async (_, push) => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const created = chat.createGroup('team');
    await peer.answer('create_group', { group_id: 'team', groupname: 'team' });
    await created;
    peer.push({ type: 'RECEIVE_GROUP_MESSAGE', ...inTeam(1) });
    await read(chat, peer);
    expect(partOfIt(store).keys('ann/m/')).toEqual(['ann/m/#team/1']);
    const isLeft = next(chat, 'chat-left');
    peer.push({ ...push, group_id: 'team' });
    expect(await isLeft).toEqual({ chat_id: '#team' });
    expect(partOfIt(store).keys('ann/')).toEqual(['ann/started']);
  });

  test.each([
    ['it is removed from', { type: 'REMOVED', by: 'bob' }],
    ['it leaves on another device', { type: 'LEFT' }],
    ['it leaves', undefined],
  ])('that %s while its chats are asked for, it does not list any more', async (_, push) => {
    const { chat, peer } = await online();
    const listed = chat.chats();
    const asked = await peer.next('list_chats');
    if (push) {
      const isLeft = next(chat, 'chat-left');
      peer.push({ ...push, group_id: 'team' });
      await isLeft;
    } else {
      const left = chat.leaveGroup('Team');
      await peer.answer('leave_group', { group_id: 'team' });
      await left;
    }
    const chats = ['team', 'club'].map((name) => ({
      ...{ chat_id: `#${name}`, kind: 'group', name },
      ...{ last_seq: 1, read: 0, unread: 0 },
    }));
    peer.reply(asked, { chats });
    expect((await listed).map(({ name }) => name)).toEqual(['club']);
    // Whoever joins it again finds it.
    const again = chat.chats();
    await peer.answer('list_chats', { chats });
    expect(await again).toHaveLength(2);
  });

  test('that was left and joined again, it starts at the second join', async () => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const created = chat.createGroup('Team');
    await peer.answer('create_group', { group_id: 'team', groupname: 'team' });
    await created;
    expect(partOfIt(store).get('ann/c/#team')).toBe('0');
    const left = chat.leaveGroup('Team');
    await peer.answer('leave_group', { group_id: 'team' });
    await left;
    expect(partOfIt(store).get('ann/c/#team')).toBeUndefined();
  });
});

test('with more chats than a request has room for, it asks for them in parts', async () => {
  const store = memoryStore();
  partOfIt(store).set('ann/started', '1');
  const cursors = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`ann:u${index}`, 1]));
  for (const id of Object.keys(cursors)) partOfIt(store).set(`ann/c/${id}`, '1');
  const server = await aServer();
  const chat = aClient(server, { store });
  const texts = told(chat);
  const isOver = next(chat, 'caught-up');
  const peer = await server.next();
  const login = await peer.answer('login', { username: 'ann', pending_messages: [], groups: [] });
  const inU = (name: string, seq: number) => fromBob(seq, { chat_id: `ann:${name}`, content: name });
  peer.push(page([inU('u1', 2)]));
  const parts = [login];
  while (parts.at(-1)?.to_chat !== undefined) {
    const part = await peer.next('sync');
    expect(part.from_chat).toBe(parts.at(-1)?.to_chat);
    parts.push(part);
    peer.reply(part, page(part.to_chat === undefined ? [inU('u999', 2)] : []));
  }
  await isOver;
  expect(texts).toEqual(['u1', 'u999']);
  expect(parts.length).toBeGreaterThan(1);
  expect(Object.assign({}, ...parts.map((part) => part.cursors))).toEqual(cursors);
  for (const part of parts) {
    expect(JSON.stringify(part).length).toBeLessThanOrEqual(32_000);
    const isMine = (id: string) => id >= String(part.from_chat ?? '') && id < String(part.to_chat ?? '~');
    expect(Object.keys(part.cursors as object).every(isMine)).toBe(true);
  }
});

test('parts keep to the limit of one request, however short the names are', () => {
  const cursors = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`#${index}`, 1]));
  for (const { cursors: part } of slicesOf(cursors))
    expect(Object.keys(part).length).toBeLessThanOrEqual(limits.cursors);
  expect(slicesOf({})).toEqual([{ cursors: {} }]);
});

describe('if messages expired while a client was offline', () => {
  test('it says so, and continues after them', async () => {
    const store = memoryStore();
    partOfIt(store).set('ann/started', '1');
    partOfIt(store).set('ann/c/ann:bob', '3');
    const server = await aServer();
    const chat = aClient(server, { store });
    const texts = told(chat);
    const gap = next(chat, 'gap');
    const peer = await server.next();
    await peer.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    peer.push({ ...page([fromBob(7)]), oldest: { 'ann:bob': 7 } });
    expect(await gap).toEqual({ chat_id: 'ann:bob', from: 4, to: 6 });
    await next(chat, 'caught-up');
    expect(texts).toEqual(['message 7']);
    expect(partOfIt(store).get('ann/c/ann:bob')).toBe('7');
  });

  test('it continues, though there is nothing after them yet', async () => {
    const store = memoryStore();
    partOfIt(store).set('ann/started', '1');
    partOfIt(store).set('ann/c/ann:bob', '3');
    const server = await aServer();
    const chat = aClient(server, { store });
    const texts = told(chat);
    const peer = await server.next();
    await peer.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    peer.push({ ...page([]), oldest: { 'ann:bob': 7 } }, pushFromBob(7));
    await read(chat, peer);
    expect(texts).toEqual(['message 7']);
  });

  test('a repair ends', async () => {
    const { chat, peer } = await online();
    const texts = told(chat);
    const gap = next(chat, 'gap');
    peer.push(pushFromBob(1), pushFromBob(5));
    await peer.answer('fetch_history', { messages: [fromBob(4), fromBob(5)], oldest: 4 });
    expect(await gap).toEqual({ chat_id: 'ann:bob', from: 2, to: 3 });
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 4', 'message 5']);
    expect(peer.untaken).toBe(0);
  });

  test('messages that existed before it joined are no gap', async () => {
    const { chat, peer } = await online();
    const gaps: unknown[] = [];
    chat.on('gap', (gap) => gaps.push(gap));
    peer.push(pushFromBob(1), pushFromBob(2), { ...page([]), oldest: { 'ann:bob': 2 } });
    await read(chat, peer);
    expect(gaps).toEqual([]);
  });
});

describe('history', () => {
  test('is what comes before the messages that the client will emit', async () => {
    const { chat, peer } = await online({ store: memoryStore() });
    peer.push(pushFromBob(1));
    await read(chat, peer);
    peer.push(pushFromBob(3));
    expect(await chat.history({ user: 'Bob' })).toEqual([fromBob(1)]);
  });

  test('comes from the server as far as it is not stored', async () => {
    const { chat, peer } = await online();
    const newest = chat.history({ group: 'team' }, { limit: 2 });
    const asked = await peer.answer('fetch_history', { messages: [inTeam(8), inTeam(9)] });
    expect(asked).toMatchObject({ group_id: 'team', limit: 2 });
    expect(asked).not.toHaveProperty('before_seq');
    expect((await newest).map(({ seq }) => seq)).toEqual([8, 9]);
    const older = chat.history({ group: 'team' }, { before: 8 });
    expect(await peer.answer('fetch_history', { messages: [] })).toMatchObject({ before_seq: 8, limit: 50 });
    expect(await older).toEqual([]);
  });

  test('shows changed messages as they are now, and no changes', async () => {
    const { chat, peer } = await online({ store: memoryStore() });
    const texts = told(chat);
    const later = { timestamp: '2024-08-21T10:05:00.000Z' };
    peer.push(pushFromBob(1), pushFromBob(2));
    peer.push({ ...pushFromBob(3, { ...later, edits: 1, content: 'better' }), type: 'MESSAGE_EDITED' });
    peer.push({ ...pushFromBob(4, { ...later, deletes: 2, content: '' }), type: 'MESSAGE_DELETED' });
    // Of a message that is not here any more, or was deleted.
    peer.push({ ...pushFromBob(5, { edits: 2, content: 'too late' }), type: 'MESSAGE_EDITED' });
    await read(chat, peer);
    expect(texts).toEqual(['message 1', 'message 2', 'better', '', 'too late']);
    expect(await chat.history({ user: 'bob' })).toEqual([
      fromBob(1, { content: 'better', edited: later.timestamp }),
      fromBob(2, { content: '', deleted: later.timestamp }),
    ]);
  });

  test('of emitted messages is available without a connection', async () => {
    const store = memoryStore();
    partOfIt(store).set('ann/started', '1');
    partOfIt(store).set('ann/c/ann:bob', '5');
    const timing = { retryFirst: 60_000, retryMost: 60_000 };
    const server = await aServer();
    const chat = aClient(server, { store, random: () => 1, timing });
    const { peer } = await server.nextLoggedIn();
    peer.push(pushFromBob(6), pushFromBob(7));
    await read(chat, peer);
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    peer.cut();
    await waits;
    expect((await chat.history({ user: 'bob' })).map(({ seq }) => seq)).toEqual([6, 7]);
  });

  test.each<[string, (peer: Peer) => Promise<unknown>]>([
    ['there turns out to be no connection', async () => {}],
    ['the connection is lost', (peer) => peer.next('fetch_history')],
  ])('that was asked for is as much as there is here when %s', async (_, happens) => {
    const store = memoryStore();
    const own = partOfIt(store);
    for (const [key, value] of [
      ['started', '1'],
      ['c/ann:bob', '7'],
      ['m/ann:bob/7', JSON.stringify(fromBob(7))],
    ] as const)
      own.set(`ann/${key}`, value);
    const server = await aServer();
    const chat = aClient(server, { store, timing: { retryFirst: 3_600_000, retryMost: 3_600_000 } });
    const page = chat.history({ user: 'bob' });
    const isOnline = happens.length > 0;
    const peer = isOnline ? (await server.nextLoggedIn()).peer : await server.next();
    await happens(peer);
    peer.cut();
    expect(await page).toEqual([fromBob(7)]);
  });

  test('never has messages that are still to be emitted', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const page = chat.history({ user: 'bob' });
    const peer = await server.next();
    await peer.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    const summary = { chat_id: 'ann:bob', kind: 'private', name: 'bob', last_seq: 5, read: 0, unread: 5 };
    await peer.answer('list_chats', { chats: [summary] });
    await peer.answer('fetch_history', { messages: [fromBob(5), fromBob(6)] });
    expect(await page).toEqual([fromBob(5)]);
  });

  test('is stored up to the newest 200 entries', async () => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    for (let seq = 1; seq <= 203; seq++) peer.push(pushFromBob(seq));
    await read(chat, peer);
    expect(partOfIt(store).keys('ann/m/')).toHaveLength(200);
    expect(partOfIt(store).get('ann/m/ann:bob/4')).toBeDefined();
  });

  test('is requested again when the connection ends meanwhile', async () => {
    const { server, chat, peer } = await online();
    const newest = chat.history({ user: 'bob' });
    await peer.next('fetch_history');
    peer.cut();
    const { peer: again } = await server.nextLoggedIn();
    await again.answer('fetch_history', { messages: [] });
    expect(await newest).toEqual([]);
  });
});
