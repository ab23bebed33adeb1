import { describe, expect, test } from 'vitest';
import type { Chat, RequestError } from '../../../clients/sdk/chat.ts';
import { begin, expect as expectEntries, isBehind, newLog } from '../../../clients/sdk/log.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer, type Peer } from './fake-server.ts';
import { aClient, fromBob, next, online, partOfIt, pushFromBob, told } from './given.ts';

const HUGE = 2 ** 53;

/** Entries that cannot be kept or shown. */
const wrongEntries: [string, object][] = [
  ['no text', { content: undefined }],
  ['a text that is none', { content: { toString: 'x' } }],
  ['no time', { timestamp: 7 }],
  ['no sender', { sender: null }],
  ['a chat that is none', { chat_id: ['ann:bob'] }],
  ['no recipient', { recipient: undefined }],
  ['a group that is none', { group_id: 1 }],
  ['a seq that is none', { seq: '2' }],
  ['a seq below zero', { seq: -1 }],
  ['a part of a seq', { seq: 1.5 }],
  ['a seq after which the next is the same', { seq: HUGE }],
  ['a change of nothing', { edits: {} }],
  ['a deletion of nothing', { deletes: 'all' }],
];

/** Until it is clear that the client asks for no further page. */
async function nothingMore(chat: Chat, peer: Peer): Promise<void> {
  const pinged = chat.request({ type: 'ping' });
  await peer.answer('ping');
  await pinged;
}

describe('of a server that says anything, a client believes no', () => {
  test.each(wrongEntries)('message with %s, wherever it comes', async (_, wrong) => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const texts = told(chat);
    const entry = fromBob(2, wrong);
    peer.push({ type: 'RECEIVE_MESSAGE', ...entry });
    for (const type of ['pending_messages', 'sync_response']) peer.push({ type, messages: [entry, null, 7] });
    peer.push(pushFromBob(1));
    const page = chat.history({ user: 'bob' }, { before: 9 });
    await peer.answer('fetch_history', { messages: [entry, fromBob(1)] });
    expect(await page).toEqual([fromBob(1)]);
    expect(texts).toEqual(['message 1']);
    // Nothing is asked for again and again.
    expect(partOfIt(store).get('ann/c/ann:bob')).toBe('1');
  });

  test.each([null, {}, 'x', 7, [[]]])('page whose messages are %j', async (messages) => {
    const { chat, peer } = await online();
    const texts = told(chat);
    peer.push({ type: 'pending_messages', messages }, { type: 'sync_response', messages, oldest: messages });
    peer.push(pushFromBob(1));
    const page = chat.history({ user: 'bob' }, { before: 9 });
    await peer.answer('fetch_history', { messages });
    expect(await page).toEqual([]);
    expect(texts).toEqual(['message 1']);
  });

  test.each([HUGE, 1e300, -5, '9', null, {}])('seq %j up to which there is nothing', async (seq) => {
    const store = memoryStore();
    const { chat, peer } = await online({ store });
    const texts = told(chat);
    peer.push({ type: 'sync_response', messages: [], oldest: { 'ann:bob': seq } }, pushFromBob(1));
    const isTold = chat.request({ type: 'ping' });
    await peer.answer('ping');
    await isTold;
    expect(texts).toEqual(['message 1']);
    expect(partOfIt(store).get('ann/c/ann:bob')).toBe('1');
  });

  test.each([HUGE, Number.NaN, '9', undefined])('seq %s that is said to exist', (seq) => {
    const log = newLog('ann:bob');
    begin(log, 0);
    expectEntries(log, seq as number);
    expect(isBehind(log)).toBe(false);
    expectEntries(log, 1);
    expect(isBehind(log)).toBe(true);
  });

  test('event that only the client itself tells', async () => {
    const { chat, peer } = await online();
    const seen: unknown[] = [];
    const own = ['message', 'sending', 'state', 'gap', 'chat-left', 'caught-up'] as const;
    for (const event of own) chat.on(event, (value) => seen.push(value));
    for (const type of [...own, '__proto__', 'constructor', '', 7, null])
      peer.push({ type, state: 'closed', reason: 'logged_out', chat_id: '#team' });
    const isRead = chat.request({ type: 'ping' });
    await peer.answer('ping');
    await isRead;
    expect(seen).toEqual([]);
    expect(chat.state).toBe('online');
  });

  test('list that goes on where it was, or chats without a shape', async () => {
    const { chat, peer } = await online();
    const listed = chat.chats();
    const good = { chat_id: '#team', kind: 'group', name: 'team', last_seq: 1, read: 0, unread: 1 };
    const bad = [null, { ...good, unread: -1 }, { ...good, last_seq: HUGE }, { ...good, name: undefined }];
    await peer.answer('list_chats', { chats: [good, ...bad], next: { after_chat: '#team' } });
    await peer.answer('list_chats', { chats: 'none', next: { after_chat: '#team' } });
    await nothingMore(chat, peer);
    expect(await listed).toEqual([good]);
  });

  test('page of missed messages that goes on where it was', async () => {
    const { server, chat, peer } = await online();
    peer.cut();
    const again = await server.next();
    await again.answer('login', { username: 'ann', pending_messages: [], groups: [] });
    const isOver = next(chat, 'caught-up');
    const page = { messages: [], more: true, next: { from_chat: 'ann:bob', from_seq: 3 } };
    again.push({ type: 'sync_response', status: 'sync_success', ...page });
    await again.answer('sync', page);
    await nothingMore(chat, again);
    await isOver;
  });

  test('refusal without words, or a wait that no timer takes', async () => {
    const { chat, peer } = await online();
    const refused = chat.request({ type: 'ping' }).catch((error) => error as RequestError);
    peer.refuse(await peer.next('ping'), 'busy', { reason: { x: 1 }, retry_after_ms: 1e12 });
    expect(await refused).toMatchObject({
      code: 'busy',
      reason: '[object Object]',
      retryAfterMs: 2 ** 31 - 1,
    });
  });
});

test('a client whose server says nothing at all tries again, and says so', async () => {
  const server = await aServer();
  const chat = aClient(server, { timing: { login: 20 } });
  const { reason } = (await next(
    chat,
    'state',
    ({ state }) => state === 'waiting',
  )) as unknown as RequestError;
  // Before or after it was opened.
  expect(['unreachable', 'timed_out']).toContain(reason);
});

test.each(['{', '7', 'null', '[]', '"x"', '{"username":7}'])(
  'a client starts on a store in which somebody has written %s',
  async (value) => {
    const store = memoryStore();
    for (const key of ['session', 'ann/o/1', 'ann/m/ann:bob/1', 'ann/c/ann:bob'])
      partOfIt(store).set(key, value);
    const { chat, peer } = await online({ store, username: 'ann' });
    const page = chat.history({ user: 'bob' }, { before: 2 });
    await peer.answer('fetch_history', { messages: [fromBob(1)] });
    expect(await page).toEqual([fromBob(1)]);
    expect(chat.sendings).toEqual([]);
  },
);
