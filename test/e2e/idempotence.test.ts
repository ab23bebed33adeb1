import { describe, expect, test } from 'vitest';
import { type Frame, plain } from '../support/frame.ts';
import { type Client, given } from '../support/given.ts';

const send = (user: Client, recipient: string, more: object) =>
  user.request({ type: 'SEND_MESSAGE', recipient, content: 'x', ...more });
const history = async (user: Client, recipient: string) =>
  (await user.request({ type: 'fetch_history', recipient, limit: 200 })).messages ?? [];

describe('a repeated send', () => {
  test('with its after_seq is stored once, and answered as the first time', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const first = await send(user, friend, { client_message_id: 'k', after_seq: 0 });
    const repeat = await send(user, friend, { client_message_id: 'k', after_seq: 0 });
    expect(plain(repeat)).toEqual(plain(first));
    expect(await history(user, friend)).toHaveLength(1);
  });

  test('without after_seq is found among the newest 100 messages', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const first = await send(user, friend, { client_message_id: 'k' });
    for (let index = 0; index < 99; index++) await send(user, friend, {});
    expect(plain(await send(user, friend, { client_message_id: 'k' }))).toEqual(plain(first));
    expect(await history(user, friend)).toHaveLength(100);
  });

  test('with after_seq is found however many messages came in between', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    await send(user, friend, {});
    const first = await send(user, friend, { client_message_id: 'k', after_seq: 1 });
    for (let index = 0; index < 120; index++) await send(user, friend, {});
    expect(plain(await send(user, friend, { client_message_id: 'k', after_seq: 1 }))).toEqual(plain(first));
    expect(await history(user, friend)).toHaveLength(122);
  });

  test('keeps the first content if the second differs', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const first = await send(user, friend, { client_message_id: 'k', content: 'first' });
    expect(plain(await send(user, friend, { client_message_id: 'k', content: 'second' }))).toEqual(
      plain(first),
    );
    expect(await history(user, friend)).toMatchObject([{ content: 'first' }]);
  });

  test('from another device of the sender is the same send', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const phone = await given.device(user.name);
    const first = await send(user, friend, { client_message_id: 'k', after_seq: 0 });
    await phone.next({ type: 'RECEIVE_MESSAGE' });
    expect(plain(await send(phone, friend, { client_message_id: 'k', after_seq: 0 }))).toEqual(plain(first));
    expect(await history(user, friend)).toHaveLength(1);
    // A repeat hands the message over again: whoever sent it first may have died before that.
    await user.arrived();
  });
});

test('with the key of another person or another chat is another message', async () => {
  const [ann, bob] = await given.users(2);
  const [eve, group] = [await given.someoneAway(), await given.aGroup(ann, bob)];
  const key = { client_message_id: 'same', after_seq: 0 };
  const replies = [await send(ann, bob.name, key), await send(bob, ann.name, key), await send(ann, eve, key)];
  for (const user of [ann, bob]) {
    replies.push(await user.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x', ...key }));
  }
  expect(replies.map(({ seq }) => seq)).toEqual([1, 2, 1, 1, 2]);
  expect(new Set(replies.map(({ message_id }) => message_id)).size).toBe(5);
  for (const user of [ann, bob]) await user.arrived();
});

test('without a key is always another message', async () => {
  const [user, friend] = [await given.aUser(), await given.someoneAway()];
  await Promise.all([1, 2, 3, 4].map(() => send(user, friend, { after_seq: 0 })));
  expect(await history(user, friend)).toHaveLength(4);
});

describe('80 sends at once on one chat, four for each of 20 keys', () => {
  const keys = Array.from({ length: 20 }, (_, index) => `key-${index}`);

  interface Answer {
    key: string;
    reply: Frame;
  }

  /** Sends each key four times, from two devices. */
  async function storm(user: Client, request: object): Promise<Answer[]> {
    const devices = [user, await given.device(user.name)];
    const replies = await Promise.all(
      [0, 1, 2, 3].flatMap((round) =>
        keys.map(async (key) => {
          const device = devices[round % 2] as Client;
          return { key, reply: await device.request({ content: key, client_message_id: key, ...request }) };
        }),
      ),
    );
    for (const device of devices) await device.arrived();
    return replies;
  }

  test.each([
    ['in a private chat', 'private', { after_seq: 0 }],
    ['in a private chat, without after_seq', 'private', {}],
    ['in a group', 'group', { after_seq: 0 }],
    ['in a group, without after_seq', 'group', {}],
  ])('%s: 20 messages, dense, one reply content per key', async (_, kind, cursor) => {
    const [user, friend] = await given.users(2);
    const group = kind === 'group' ? await given.aGroup(user, friend) : undefined;
    const recipient = group ?? friend.name;
    const request = group
      ? { type: 'SEND_GROUP_MESSAGE', groupname: group }
      : { type: 'SEND_MESSAGE', recipient };
    const replies = await storm(user, { ...request, ...cursor });
    const messages = await history(user, recipient);
    expect(messages.map(({ seq }) => seq)).toEqual(keys.map((_, index) => index + 1));
    for (const key of keys) {
      const stored = messages.filter((message) => message.client_message_id === key);
      expect(stored).toHaveLength(1);
      const { message_id, chat_id, seq, timestamp } = stored[0] ?? {};
      const receipt = { status: 'send_success', message_id, chat_id, seq, timestamp };
      const answers = replies.filter((answer) => answer.key === key).map(({ reply }) => plain(reply));
      expect(answers).toEqual(
        Array(4).fill({ type: group ? 'GROUP_MESSAGE_SENT' : 'MESSAGE_SENT', ...receipt }),
      );
    }
    const pushed = (await friend.arrived()).map((frame) => JSON.parse(frame).message_id);
    expect(new Set(pushed)).toEqual(new Set(messages.map(({ message_id }) => message_id)));
  });
});
