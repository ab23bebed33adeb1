import { beforeEach, expect, test } from 'vitest';
import { fetchHistory } from '../../../chat/history/fetch-history.ts';
import type { Caller } from '../../../chat/model.ts';
import type { History } from '../../../chat/ports.ts';
import { sync } from '../../../chat/sync/sync.ts';
import { fetchHistory as command, writeReply } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  await chat.ports.members.addPeer('alice:bob', 'alice');
});

async function talk(count: number, content = 'hi'): Promise<void> {
  for (let index = 0; index < count; index++) await chat.write({ chat: 'alice:bob', sender: 'bob', content });
}

type Request = Parameters<typeof fetchHistory>[1];

/** Every page from the first on, with the history as a database gives it: `most` entries in one answer. */
async function pages(request: Request, most = Number.POSITIVE_INFINITY) {
  // DynamoDB says that there is more whenever it stopped early, be it at the very end.
  const from: History['from'] = async (where, seq, limit = 1_000) => {
    const { entries } = await chat.ports.history.from(where, seq, Math.min(limit, most));
    return { entries, more: entries.length === Math.min(limit, most) };
  };
  const ports = { ...chat.ports, history: { ...chat.ports.history, from } };
  const found = [];
  for (let next: Request | undefined = {}; next && found.length < 50; ) {
    const page: Awaited<ReturnType<typeof fetchHistory>> = await fetchHistory(
      ports,
      { recipient: 'bob', ...request, ...next },
      alice,
    );
    found.push(page);
    next = page.next;
  }
  return found;
}

const seqs = (page: { messages: { seq: number }[] }) => page.messages.map(({ seq }) => seq);

test('the last page says that it is the last, though the database does not', async () => {
  await talk(4);
  expect((await pages({ after_seq: 0, limit: 2 })).map(seqs)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect((await pages({ after_seq: 0, before_seq: 3, limit: 2 })).map(seqs)).toEqual([[1, 2]]);
});

test('a page that the database cut short is filled by more reads, up to a limit', async () => {
  await talk(12);
  const all = Array.from({ length: 12 }, (_, index) => index + 1);
  expect((await pages({ after_seq: 0, limit: 50 }, 3)).map(seqs)).toEqual([all]);
  expect((await pages({ after_seq: 0, limit: 50 }, 1)).map(seqs)).toEqual([all.slice(0, 10), all.slice(10)]);
});

const changes = async (count: number) => {
  const change = { chat: 'alice:bob', sender: 'bob', content: 'changed', edits: 3 };
  for (let times = 0; times < count; times++) await chat.write(change);
};

test('a page is full of messages, however many edits and deletions are among them', async () => {
  await talk(5);
  await changes(60);
  await talk(2);
  const all = [1, 2, 3, 4, 5, 66, 67];
  for (const limit of [7, 15, 50]) expect((await pages({ limit })).map(seqs)).toEqual([all]);
  expect((await pages({ after_seq: 0, limit: 20 })).map(seqs)).toEqual([all]);
  expect((await pages({ limit: 6 })).map(seqs)).toEqual([all.slice(1), [1]]);
  expect((await pages({ after_seq: 0, before_seq: 67, limit: 6 })).map(seqs)).toEqual([all.slice(0, -1)]);
});

test('thousands of changes in a row do not make a request slow, since an empty page leads on', async () => {
  await talk(1);
  await changes(4_000);
  const { calls, ports } = chat.interrupted(1_000, async () => {});
  for (const request of [{}, { limit: 1 }]) {
    const before = calls();
    const page = await fetchHistory(ports, { recipient: 'bob', ...request }, alice);
    expect(page).toMatchObject({ messages: [], next: { before_seq: expect.any(Number) } });
    expect(calls() - before).toBeLessThan(16);
    expect((await pages(request)).flatMap(seqs)).toEqual([1]);
  }
});

test('a page behind a seq says where the chat continues, if the next messages have expired', async () => {
  await talk(6);
  const log = chat.state.history['alice:bob'] ?? [];
  for (const entry of log.slice(0, 4)) entry.expired = true;
  const behind = async (after_seq: number, more: object = {}) => {
    const page = await fetchHistory(
      chat.ports,
      { recipient: 'bob', after_seq, changes: true, ...more },
      alice,
    );
    return [seqs(page), page.oldest];
  };
  expect(await behind(1)).toEqual([[5, 6], 5]);
  expect(await behind(1, { limit: 1 })).toEqual([[5], 5]);
  expect(await behind(3)).toEqual([[5, 6], 5]);
  expect(await behind(4)).toEqual([[5, 6], undefined]);
  expect(await behind(6)).toEqual([[], undefined]);
  for (const entry of log) entry.expired = true;
  expect(await behind(1)).toEqual([[], 7]);
  expect(await behind(6)).toEqual([[], undefined]);
});

test.each([{ limit: 200 }, { after_seq: 0, limit: 200 }])(
  '%j: a page reads little more than it returns',
  async (request) => {
    const read = async (content: string) => {
      chat.state.history['alice:bob'] = [];
      await talk(250, content);
      const looks: number[] = [];
      const noting = <E>(entries: E[]) => {
        looks.push(entries.length);
        return entries;
      };
      const { history } = chat.ports;
      const newest: History['newest'] = async (...args) => noting(await history.newest(...args));
      const from: History['from'] = async (...args) => {
        const page = await history.from(...args);
        return { ...page, entries: noting(page.entries) };
      };
      const ports = { ...chat.ports, history: { ...history, newest, from } };
      const { messages } = await fetchHistory(ports, { recipient: 'bob', ...request }, alice);
      return { looks, carried: messages.length };
    };
    const large = await read('x'.repeat(16_000));
    expect(large.carried).toBeLessThanOrEqual(2);
    expect(large.looks).toEqual([request.after_seq === 0 ? 51 : 50]);
    const small = await read('x');
    expect(small.carried).toBeGreaterThan(100);
    expect(small.looks).toHaveLength(2);
    expect(small.looks.reduce((sum, each) => sum + each)).toBeLessThan(small.carried * 1.3);
  },
);

test.each(['sync', 'upward', 'downward', 'by time'] as const)(
  'a page of changes reads the texts that it returns, and few others: %s',
  async (way) => {
    await talk(300, 'x'.repeat(10_000));
    for (let edits = 1; edits <= 300; edits++)
      await chat.write({ chat: 'alice:bob', sender: 'bob', content: '', edits });
    let read = 0;
    const getMany: History['getMany'] = async (keys, consistency) => {
      read += keys.length;
      return chat.ports.history.getMany(keys, consistency);
    };
    const ports = { ...chat.ports, history: { ...chat.ports.history, getMany } };
    const asked = { recipient: 'bob', changes: true, limit: 200 };
    const times = { start_time: '2000-01-01', end_time: '2100-01-01' };
    const { messages } = await {
      sync: () => sync(ports, { cursors: { 'alice:bob': 300 } }, alice),
      upward: () => fetchHistory(ports, { ...asked, after_seq: 300 }, alice),
      downward: () => fetchHistory(ports, asked, alice),
      'by time': () => fetchHistory(ports, { ...asked, ...times, after_seq: 300 }, alice),
    }[way]();
    const found = way === 'downward' ? [598, 599, 600] : [301, 302, 303];
    expect(seqs({ messages })).toEqual(found);
    expect(messages.every(({ content }) => content.length === 10_000)).toBe(true);
    // Of the search for a time, too.
    expect(read).toBeLessThan(40);
  },
);

test('expired messages end the history, after all others were shown', async () => {
  await talk(2);
  for (const entry of chat.state.history['alice:bob'] ?? []) entry.expired = true;
  await talk(5, 'x'.repeat(14_000));
  expect((await pages({})).map(seqs)).toEqual([[6, 7], [4, 5], [3]]);
});

test.each([{ after_seq: 0, limit: 200 }, { limit: 200 }])(
  '%j: a message larger than a page comes alone, and leads on',
  async (request) => {
    await talk(2);
    await talk(1, '\u0001'.repeat(16_384));
    await talk(2);
    const found = (await pages(request)).map(seqs);
    expect(found).toContainEqual([3]);
    expect(found.flat().toSorted()).toEqual([1, 2, 3, 4, 5]);
  },
);

test.each([
  ['ASCII', 'x'],
  ['two bytes a letter', 'ü'],
  ['three', '€'],
  ['four', '😀'],
  ['quotes', '"'],
])('a page of %s is a frame of 32 KB at most, with any request_id, and not much less', async (_, unit) => {
  await talk(120, unit.repeat(300));
  for (const request of [{ after_seq: 0, limit: 200 }, { limit: 200 }]) {
    const [first] = await pages(request);
    const frame = writeReply(command, 'json', first ?? {}, '\u0001'.repeat(64));
    expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(32_000);
    expect(Buffer.byteLength(frame)).toBeGreaterThan(28_000);
  }
});

test('times may have lower-case letters, a fraction, or only a date', async () => {
  chat.runtime.at = Date.parse('2026-01-01T00:00:01.500Z');
  await talk(1);
  for (const [start_time, found] of [
    ['2026-01-01t00:00:01.5z', 1],
    ['2026-01-01T00:00:01.501Z', 0],
    ['2026-01-01', 1],
    ['2026-01-02', 0],
    ['2025-12-31T23:00:01.500-01:00', 1],
  ] as const) {
    const { messages } = await fetchHistory(chat.ports, { recipient: 'bob', start_time }, alice);
    expect(messages, start_time).toHaveLength(found);
  }
});

test('a page of sync fits into a frame, however many cursors there are, and a larger message comes alone', async () => {
  await talk(1, '\u0001'.repeat(16_384));
  await talk(40, 'ü'.repeat(500));
  const many = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`#${'g'.repeat(20)}${index}`, 1]),
  );
  const found: number[] = [];
  for (let next: object | undefined = {}; next; ) {
    const cursors = { ...many, 'alice:bob': 0 };
    const page: Awaited<ReturnType<typeof sync>> = await sync(chat.ports, { cursors, ...next }, alice);
    if (page.messages.length > 1) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(32_000);
    found.push(...seqs(page));
    next = page.next;
    if (found.length > 41) throw new Error('It never ends');
  }
  expect(found).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
});

test('a page of sync from many chats fits into a frame', async () => {
  const chats = Array.from({ length: 400 }, (_, index) => `alice:${'friend'.repeat(4)}${index}`);
  for (const where of chats) {
    await chat.ports.members.addPeer(where, 'alice');
    await chat.write({ chat: where, sender: 'bob', content: 'hi' });
  }
  const page = await sync(chat.ports, {}, alice);
  expect(page.more).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(31_500);
});

test('sync finds a chat with a cursor though the index of chats does not list it yet', async () => {
  await talk(2);
  const lagging = { ...chat.ports, members: { ...chat.ports.members, chatsOf: async () => [] } };
  expect(seqs(await sync(lagging, { cursors: { 'alice:bob': 1 } }, alice))).toEqual([2]);
});

test.each(['\u007f', '\u0085', '\u2028', '\u0000', '"'])(
  'a page is one frame in text as in JSON, though the text shows %j as more than it is',
  async (char) => {
    await talk(12, char.repeat(1_500));
    const found = await pages({});
    expect(found.flatMap((page) => seqs(page).toReversed())).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    for (const page of found) {
      for (const form of ['json', 'text'] as const) {
        expect(Buffer.byteLength(writeReply(command, form, page))).toBeLessThanOrEqual(32 * 1024);
      }
    }
    expect(found.length).toBeLessThan(8);
  },
);
