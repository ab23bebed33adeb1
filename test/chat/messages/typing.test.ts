import { beforeEach, describe, expect, test } from 'vitest';
import { TYPING_EVERY, typing } from '../../../chat/messages/typing.ts';
import type { Bucket, Caller } from '../../../chat/model.ts';
import { cooldownOf } from '../../../chat/rate-limits/cooldown.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  chat.online('alice', 'a2');
  await chat.ports.members.addPeer('alice:bob', 'alice');
  await chat.ports.members.addPeer('alice:bob', 'bob');
});

const type = (where: string, more = {}) => typing({ ...chat.ports, ...more }, { chat: where }, alice);
/** The paces of so many instances of the function. */
const instances = (count: number) =>
  Array.from({ length: count }, () =>
    cooldownOf(chat.ports.rateLimits, 'typing', TYPING_EVERY, chat.runtime),
  );

describe('typing', () => {
  test('in a private chat is told to each device of the partner, and to nobody else', async () => {
    chat.online('bob', 'b1');
    chat.online('bob', 'b2', 'text');
    const carol = chat.online('carol', 'c1');
    expect(await type('bob')).toEqual({ chat_id: 'alice:bob' });
    expect(chat.framesOf('b1')).toEqual([{ type: 'TYPING', chat_id: 'alice:bob', username: 'alice' }]);
    expect(chat.framesOf('b2')).toEqual(['typing alice alice']);
    for (const id of ['a1', 'a2', carol.connectionId]) expect(chat.framesOf(id)).toEqual([]);
  });

  test('in a group is sent to the members online, and never marked pending', async () => {
    chat.group('team', 'alice', 'bob', 'carol');
    chat.online('bob', 'b1', 'text');
    expect(await type('#team')).toEqual({ chat_id: '#team' });
    expect(chat.framesOf('b1')).toEqual(['typing team alice']);
    expect(chat.framesOf('a2')).toEqual([]);
    expect(chat.state.inboxes.carol).toBeUndefined();
    expect(chat.state.history).toEqual({});
  });

  test('in a chat that one is not in is refused', async () => {
    chat.group('theirs', 'bob');
    await expect(type('theirs')).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(type('carol')).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(type('bob:carol')).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(type('nobody')).rejects.toMatchObject({ code: 'unknown_recipient' });
    await expect(type('#nothing')).rejects.toMatchObject({ code: 'unknown_group' });
  });

  test('is told every 3 seconds in each chat, on any instance', async () => {
    chat.online('bob', 'b1');
    chat.group('team', 'alice', 'bob');
    const [one, two] = instances(2);
    const told = () => chat.framesOf('b1').length;
    for (const typings of [one, one, two]) expect(await type('bob', { typings })).toHaveProperty('chat_id');
    expect(told()).toBe(1);
    await type('team', { typings: one });
    expect(told()).toBe(2);
    chat.runtime.at += TYPING_EVERY - 1;
    for (const typings of [two, one]) await type('bob', { typings });
    expect(told()).toBe(2);
    chat.runtime.at += 1;
    for (const typings of [two, one]) await type('bob', { typings });
    expect(told()).toBe(3);
  });
});

describe('a cooldown', () => {
  test('lets one of many concurrent requests through', async () => {
    const answers = await Promise.all(instances(7).map((cooldown) => cooldown.admit('alice')));
    expect(answers.filter((isTime) => isTime)).toHaveLength(1);
  });

  test('costs one write for a request that it lets through, and none for one that it remembers', async () => {
    const sets: unknown[] = [];
    const set = (...args: Parameters<typeof chat.ports.rateLimits.set>) => {
      sets.push(args);
      return chat.ports.rateLimits.set(...args);
    };
    const cooldown = cooldownOf(
      { getMany: chat.ports.rateLimits.getMany, set },
      'typing',
      3_000,
      chat.runtime,
    );
    for (let round = 1; round <= 4; round++) {
      expect(await cooldown.admit('alice')).toBe(true);
      expect(await cooldown.admit('alice')).toBe(false);
      expect(sets).toHaveLength(round);
      chat.runtime.at += 3_000;
    }
  });

  test('that another instance started ends at the same time on this one', async () => {
    const [one, two] = instances(2);
    expect(await one?.admit('alice')).toBe(true);
    chat.runtime.at += 1_000;
    expect(await two?.admit('alice')).toBe(false);
    // What is left is rounded up to a millisecond.
    chat.runtime.at += TYPING_EVERY - 1_000 + 1;
    expect(await two?.admit('alice')).toBe(true);
  });

  test('does not last longer for a user who asks all the time', async () => {
    const [one] = instances(1);
    const admitted: number[] = [];
    for (let ms = 0; ms <= 2 * TYPING_EVERY; ms++) {
      if (await one?.admit('alice')) admitted.push(ms);
      chat.runtime.at++;
    }
    expect(admitted).toEqual([0, TYPING_EVERY, 2 * TYPING_EVERY]);
  });

  test('that others fill all the time lets nothing through, and stops asking for a while', async () => {
    let asked = 0;
    const set = async (): Promise<Bucket> => ({ level: 0, at: ++asked });
    const cooldown = cooldownOf(
      { getMany: chat.ports.rateLimits.getMany, set },
      'typing',
      3_000,
      chat.runtime,
    );
    expect(await cooldown.admit('alice')).toBe(false);
    const before = asked;
    expect(await cooldown.admit('alice')).toBe(false);
    expect(asked).toBe(before);
  });
});
