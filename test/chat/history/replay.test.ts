import { beforeEach, expect, test } from 'vitest';
import { replayEvents } from '../../../chat/history/replay.ts';
import { deleteMessage, editMessage } from '../../../chat/messages/change-message.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import type { Caller } from '../../../chat/model.ts';
import type { BusEvent } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';
import { scansOf } from '../../support/scans.ts';

let chat: Service;
let alice: Caller;
let told: BusEvent[];
let requests: number;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  told = [];
  requests = 0;
});

const sink = {
  async put(events: readonly BusEvent[]) {
    requests++;
    told.push(...events);
  },
};
const replay = (request: object, more: object = {}) =>
  replayEvents({ ...chat.ports, scans: scansOf(chat.state), eventSink: sink, ...more }, request);
const send = (content: string, recipient = 'bob') => sendMessage(chat.ports, { recipient, content }, alice);
const lines = () => told.map(({ id }) => id);

test('a chat is told as it is now, from a seq on', async () => {
  await send('one');
  await send('two');
  await editMessage(chat.ports, { chat: 'bob', seq: 1, content: 'ONE' }, alice);
  await deleteMessage(chat.ports, { chat: 'bob', seq: 2 }, alice);
  await send('five');
  expect(await replay({ chat: 'alice:bob' })).toEqual({ events: 6 });
  expect(told[0]).toMatchObject({ type: 'message.created', seq: 1, content: 'ONE', replayed: true });
  expect(told[2]).not.toHaveProperty('content');
  expect(lines()).toEqual([
    'message.created alice:bob 1',
    'message.edited alice:bob 1 1',
    'message.created alice:bob 2',
    `message.deleted alice:bob 2 ${chat.runtime.at}`,
    `message.deleted alice:bob 2 ${chat.runtime.at}`,
    'message.created alice:bob 5',
  ]);
  told = [];
  expect(await replay({ chat: 'alice:bob', from_seq: 5 })).toEqual({ events: 1 });
  expect(lines()).toEqual(['message.created alice:bob 5']);
});

test('all chats are told since a time, also of what was written before and changed since', async () => {
  await send('old');
  await send('older', 'carol');
  chat.runtime.at += 60_000;
  const since = new Date(chat.runtime.at).toISOString();
  await editMessage(chat.ports, { chat: 'bob', seq: 1, content: 'OLD' }, alice);
  await send('new', 'carol');
  expect(await replay({ since })).toEqual({ events: 2 });
  expect(lines().toSorted()).toEqual(['message.created alice:carol 2', 'message.edited alice:bob 1 1']);
});

test('a long chat is told ten events at a time, and goes on where it stopped', async () => {
  for (let n = 1; n <= 25; n++) await send(`${n}`);
  // Time for one request to the bus in each call.
  const runtime = { ...chat.runtime, timeLeft: () => 0 };
  const all: (string | undefined)[] = [];
  let next: string | undefined;
  do {
    const page = await replay({ chat: 'alice:bob', next }, { runtime });
    all.push(next);
    next = page.next;
  } while (next !== undefined);
  expect(lines()).toEqual(Array.from({ length: 25 }, (_, n) => `message.created alice:bob ${n + 1}`));
  expect(requests).toBe(3);
  expect(new Set(all).size).toBe(all.length);
});

test('a bus that takes nothing is told of, and nothing is skipped', async () => {
  await send('one');
  const put = () => Promise.reject(new Error('down'));
  await expect(replay({ chat: 'alice:bob' }, { eventSink: { put } })).rejects.toThrow('down');
});

test.each([
  [{}, 'bad_request'],
  [{ from_seq: 2 }, 'bad_request'],
  [{ from_seq: 2, since: '2026-01-01T00:00:00.000Z' }, 'bad_request'],
])('%o is refused', async (request, code) => {
  await expect(replay(request)).rejects.toMatchObject({ code });
});

test('a place that is of no reply is refused', async () => {
  await send('one');
  await expect(replay({ chat: 'alice:bob', next: 'x' })).rejects.toMatchObject({ code: 'bad_request' });
});

test('a service without events says so', async () => {
  await expect(replay({ chat: 'alice:bob' }, { eventSink: undefined })).rejects.toMatchObject({
    code: 'not_allowed',
  });
});

test('the users of a chat may be named in any order', async () => {
  await send('one');
  expect(await replay({ chat: 'bob:alice' })).toEqual({ events: 1 });
});

test.each(['#nothing', 'alice:nobody'])(
  'of %s, where there is no message, nobody believes that it was replayed',
  async (id) => {
    await expect(replay({ chat: id })).rejects.toMatchObject({ code: 'bad_request' });
  },
);

test('a long chat without anything to tell is read as far as there is time for', async () => {
  for (let count = 0; count < 1_200; count++) await send('old');
  let calls = 0;
  const runtime = { ...chat.runtime, now: chat.runtime.now, timeLeft: () => (++calls > 1 ? 0 : 1e6) };
  const since = new Date(chat.runtime.at + 1).toISOString();
  const first = await replay({ chat: 'alice:bob', since }, { runtime });
  expect(first).toMatchObject({ events: 0, next: expect.any(String) });
  expect(await replay({ chat: 'alice:bob', since, next: first.next })).toEqual({ events: 0 });
});

test.each(['x', '', '-1', '1.5'])('no replay of a chat goes on at %j', async (after) => {
  await send('one');
  const next = JSON.stringify(['chat', after]);
  await expect(replay({ chat: 'alice:bob', next })).rejects.toHaveProperty('code', 'bad_request');
});
