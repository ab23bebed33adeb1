import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Message } from '../support/frame.ts';
import { type Client, connection, given, register, unique } from '../support/given.ts';

const TOTAL = 120;
const [ann, bob, group] = [unique('ann'), unique('bob'), unique('team')];
const seqsOf = (messages: Message[] = []) => messages.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What the two chats below hold, by seq − 1. */
let log: Message[] = [];

// One private chat and one group, of 120 messages each, with a little time between some of them.
beforeAll(async () => {
  const client = await connection(inject('chatUrl'));
  for (const username of [ann, bob]) await register(client, username);
  await client.request({ type: 'login', username: ann });
  await client.request({ type: 'create_group', group_name: group });
  for (const seq of range(1, TOTAL)) {
    const content = `m${seq}`;
    await Promise.all([
      client.request({ type: 'SEND_MESSAGE', recipient: bob, content }),
      client.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content }),
    ]);
    if (seq % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const pages = [0, 60].map((after_seq) =>
    client.request({ type: 'fetch_history', recipient: bob, after_seq, limit: 60 }),
  );
  log = (await Promise.all(pages)).flatMap(({ messages = [] }) => messages);
  await client.close();
});

const fetch = (user: Client, more: object = {}) =>
  user.request({ type: 'fetch_history', recipient: bob, ...more });

/** All pages of a request, each asked for as `next` of the one before says. */
async function pages(user: Client, request: object): Promise<Message[][]> {
  const found: Message[][] = [];
  let more: object | undefined = {};
  while (more && found.length < 200) {
    const reply = await fetch(user, { ...request, ...more });
    found.push(reply.messages ?? []);
    more = reply.next;
  }
  return found;
}

describe('a page of history', () => {
  test('without bounds is the newest 50, oldest first', async () => {
    const reply = await fetch(await given.device(ann));
    expect(seqsOf(reply.messages)).toEqual(range(71, 120));
    expect(reply.next).toEqual({ before_seq: 71 });
    expect(reply).toMatchObject({ recipient: bob, status: 'history' });
  });

  test('is the same for both sides, and for a group by each of its names', async () => {
    const user = await given.device(ann);
    const friend = await given.aUser();
    await friend.request({ type: 'join_group', group_id: group });
    const replies = await Promise.all([
      user.request({ type: 'fetch_history', recipient: group }),
      user.request({ type: 'fetch_history', groupname: group }),
      friend.request({ type: 'fetch_history', group_id: group }),
    ]);
    for (const { messages, next, recipient } of replies) {
      expect([recipient, next]).toEqual([group, { before_seq: 71 }]);
      expect(messages).toEqual(replies[0]?.messages);
      expect(messages?.map(({ content }) => content)).toEqual(range(71, 120).map((seq) => `m${seq}`));
    }
  });

  test.each([
    ['limit 1', { limit: 1 }, range(120, 120), { before_seq: 120 }],
    ['limit 200', { limit: 200 }, range(1, 120), undefined],
    ['limit 120', { limit: 120 }, range(1, 120), undefined],
    ['after_seq 0', { after_seq: 0 }, range(1, 50), { after_seq: 50 }],
    ['after_seq', { after_seq: 100 }, range(101, 120), undefined],
    ['after_seq and exactly the rest', { after_seq: 100, limit: 20 }, range(101, 120), undefined],
    ['after the last', { after_seq: 120 }, [], undefined],
    ['far after the last', { after_seq: Number.MAX_SAFE_INTEGER }, [], undefined],
    [
      'far after the last, up to a time',
      { after_seq: Number.MAX_SAFE_INTEGER, end_time: '2100-01-01' },
      [],
      undefined,
    ],
    ['before_seq', { before_seq: 31 }, range(1, 30), undefined],
    ['before_seq, newest first to fit', { before_seq: 100, limit: 10 }, range(90, 99), { before_seq: 90 }],
    ['before the first', { before_seq: 1 }, [], undefined],
    ['before_seq 0', { before_seq: 0 }, [], undefined],
    ['far before_seq', { before_seq: 10_000, limit: 5 }, range(116, 120), { before_seq: 116 }],
    ['between', { after_seq: 10, before_seq: 15 }, range(11, 14), undefined],
    ['between, paged', { after_seq: 10, before_seq: 15, limit: 3 }, range(11, 13), { after_seq: 13 }],
    ['between, backwards', { after_seq: 50, before_seq: 50 }, [], undefined],
    ['a start long ago', { start_time: '2000-01-01', limit: 2 }, [1, 2], { after_seq: 2 }],
    ['an end long ago', { end_time: '2000-01-01T00:00:00Z' }, [], undefined],
    ['a start in the future', { start_time: '2999-01-01T00:00:00Z' }, [], undefined],
    [
      'an end in the future',
      { end_time: '2999-01-01T00:00:00+02:00', limit: 2 },
      [119, 120],
      { before_seq: 119 },
    ],
  ])('%s', async (_, bounds, seqs, next) => {
    const reply = await fetch(await given.device(ann), bounds);
    expect(seqsOf(reply.messages)).toEqual(seqs);
    expect(reply.next).toEqual(next);
  });

  test('start_time and end_time are both inclusive', async () => {
    const user = await given.device(ann);
    const [start_time, end_time] = [log[20]?.timestamp ?? '', log[42]?.timestamp ?? ''];
    const inside = log.filter(({ timestamp }) => timestamp >= start_time && timestamp <= end_time);
    expect(inside.length).toBeGreaterThan(22);
    expect((await fetch(user, { start_time, end_time, limit: 200 })).messages).toEqual(inside);
    const from = log.filter(({ timestamp }) => timestamp >= start_time);
    expect((await fetch(user, { start_time, limit: 200 })).messages).toEqual(from);
    const until = log.filter(({ timestamp }) => timestamp <= end_time);
    expect((await fetch(user, { end_time, limit: 200 })).messages).toEqual(until);
    const one = log.filter(({ timestamp }) => timestamp === start_time);
    expect((await fetch(user, { start_time, end_time: start_time })).messages).toEqual(one);
    expect((await fetch(user, { start_time: end_time, end_time: start_time })).messages).toEqual([]);
  });

  test('of an empty chat is empty', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const recipients = [friend, await given.aGroup(user), user.name];
    for (const recipient of recipients) {
      for (const bounds of [{}, { after_seq: 0 }, { before_seq: 9 }, { start_time: '2000-01-01' }]) {
        const reply = await user.request({ type: 'fetch_history', recipient, ...bounds });
        expect(reply).toMatchObject({ status: 'history', recipient, messages: [] });
        expect(reply).not.toHaveProperty('next');
      }
    }
  });
});

describe('paging through `next` until it is absent gives each message exactly once', () => {
  test.each([
    ['upward', { after_seq: 0 }],
    ['upward, from a time', { start_time: '2000-01-01' }],
    ['upward, by 7', { after_seq: 0, limit: 7 }],
    ['upward, between bounds', { after_seq: 0, before_seq: 121, limit: 60 }],
    ['upward, between times', { start_time: '2000-01-01', end_time: '2999-01-01', limit: 33 }],
  ])('%s', async (_, request) => {
    const found = await pages(await given.device(ann), request);
    expect(found.flat()).toEqual(log);
    expect(found.at(-1)).not.toEqual([]);
  });

  test.each([
    ['downward', {}],
    ['downward, by 7', { limit: 7 }],
    ['downward, by 60, which leaves nothing over', { limit: 60 }],
    ['downward, from a time', { end_time: '2999-01-01', limit: 50 }],
    ['downward, from a seq', { before_seq: 121 }],
  ])('%s', async (_, request) => {
    const found = await pages(await given.device(ann), request);
    expect(found.toReversed().flat()).toEqual(log);
    expect(found.at(-1)).not.toEqual([]);
  });

  test.each([
    ['upward', { after_seq: 0 }],
    ['downward', {}],
    ['upward, between times', { start_time: '2000-01-01', end_time: '2999-01-01' }],
  ])('%s, with contents that fill frames of 32 KB', async (_, request) => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const sizes = [16_384, 1, 10_000, 16_000, 15_000, 200, 16_384, 16_384, 4_000, 4_000];
    const contents = sizes.map((size, index) => `${index}`.padEnd(size, 'é').slice(0, Math.ceil(size / 2)));
    for (const content of contents) {
      await user.request({ type: 'SEND_MESSAGE', recipient: friend, content });
    }
    const found = await pages(user, { recipient: friend, ...request, limit: 200 });
    const inOrder = 'after_seq' in request || 'start_time' in request ? found : found.toReversed();
    expect(inOrder.flat().map(({ content }) => content)).toEqual(contents);
    expect(found.length).toBeGreaterThan(2);
    expect(user.largest).toBeLessThanOrEqual(32 * 1024);
  });

  test('messages written meanwhile do not disturb it', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const send = (content: string) => user.request({ type: 'SEND_MESSAGE', recipient: friend, content });
    for (const content of ['1', '2', '3', '4']) await send(content);
    const first = await fetch(user, { recipient: friend, limit: 2 });
    await send('5');
    const second = await fetch(user, { recipient: friend, limit: 2, ...first.next });
    expect([second, first].flatMap(({ messages }) => seqsOf(messages))).toEqual([1, 2, 3, 4]);
  });
});
