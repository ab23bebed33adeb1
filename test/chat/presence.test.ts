import { beforeEach, describe, expect, test } from 'vitest';
import { disconnected, logout } from '../../chat/logout.ts';
import { ping } from '../../chat/ping.ts';
import { type Caller, Unavailable } from '../../chat/ports.ts';
import { presence } from '../../chat/presence.ts';
import { sendGroupMessage, sendMessage } from '../../chat/send.ts';
import { standardTiming } from '../../client/timing.ts';
import { limits } from '../../protocol/index.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;
let alice: Caller;
let start: number;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  start = chat.world.at;
});

const ask = async (...usernames: string[]) => (await presence(chat.ports, { usernames }, alice)).users;
const at = (millis: number) => new Date(millis).toISOString();

test('shows who is there, each once, and nothing of who never was', async () => {
  expect(await ask('alice', 'bob', 'alice', 'nobody')).toEqual([
    { username: 'alice', online: true },
    { username: 'bob', online: false },
    { username: 'nobody', online: false },
  ]);
});

test('who logged out or was cut off was last seen then; on another device they are there still', async () => {
  const bob = chat.online('bob', 'b1');
  chat.online('bob', 'b2');
  chat.world.at += 1000;
  await logout(chat.ports, {}, bob);
  expect(await ask('bob')).toEqual([{ username: 'bob', online: true }]);
  chat.world.at += 1000;
  await disconnected(chat.ports, 'b2');
  chat.world.at += 5000;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 2000) }]);
});

test('who shows no sign of life is away after minutes, though nobody saw their connection end', async () => {
  chat.online('bob', 'b1');
  chat.world.at += limits.onlineFor;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: true }]);
  chat.world.at += 1;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start) }]);
});

test('a ping is a sign of life, for who is logged in', async () => {
  const bob = chat.online('bob', 'b1');
  const stranger = { ...bob, connectionId: 'x' };
  chat.world.at += 300_000;
  expect(await ping(chat.ports, bob)).toEqual({ timestamp: at(start + 300_000) });
  expect(await ping(chat.ports, stranger)).toEqual({ timestamp: at(start + 300_000) });
  chat.world.at += limits.onlineFor;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: true }]);
  chat.world.at += 1;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 300_000) }]);
  expect(Object.keys(chat.state.inboxes)).toEqual(['alice', 'bob']);
});

test('a ping is answered though nothing can be written down', async () => {
  const refuse = async () => {
    throw new Unavailable('no');
  };
  const { connections, inboxes } = chat.ports;
  const pong = { timestamp: at(start) };
  const deaf = { ...chat.ports, inboxes: { ...inboxes, see: refuse } };
  expect(await ping(deaf, alice)).toEqual(pong);
  const blind = { ...chat.ports, connections: { ...connections, get: refuse } };
  expect(await ping(blind, alice)).toEqual(pong);
});

test('a sign of life brings no connection back that has left the inbox', async () => {
  const bob = chat.online('bob', 'b1');
  delete chat.state.inboxes.bob?.connections.b1;
  await ping(chat.ports, bob);
  expect(chat.state.inboxes.bob?.connections).toEqual({});
});

describe('a message', () => {
  const say = (to: string, caller = alice) =>
    sendMessage(chat.ports, { recipient: to, content: 'hi' }, caller);
  const seen = () => chat.state.inboxes.alice?.connections.a1?.seen;

  test.each(['bob', 'alice'])(
    'to %s is a sign of life, which is written down once in a while',
    async (to) => {
      chat.world.at += limits.seenAgain;
      await say(to);
      expect(seen()).toBeUndefined();
      chat.world.at += 1;
      await say(to);
      const written = start + limits.seenAgain + 1;
      expect(seen()).toBe(written);
      chat.world.at += limits.seenAgain;
      await say(to);
      expect(seen()).toBe(written);
      chat.world.at += 1;
      await say(to);
      expect(seen()).toBe(written + limits.seenAgain + 1);
    },
  );

  test('to a group likewise; and it is stored though that can not be written down', async () => {
    chat.group('team', 'alice', 'bob');
    chat.world.at += limits.onlineFor;
    const say = (ports = chat.ports) => sendGroupMessage(ports, { group_id: 'team', content: 'hi' }, alice);
    const see = async () => {
      throw new Unavailable('no');
    };
    const { seq } = await say({ ...chat.ports, inboxes: { ...chat.ports.inboxes, see } });
    expect([seq, seen()]).toEqual([1, undefined]);
    await say();
    expect(seen()).toBe(chat.world.at);
  });

  test('that finds a dead connection says when its user was last there', async () => {
    chat.online('bob', 'b1');
    chat.world.at += 60_000;
    const other = chat.online('bob', 'b2');
    chat.world.at += 60_000;
    await logout(chat.ports, {}, other);
    chat.world.at += 3_600_000;
    (chat.state.sockets.b1 as { open: boolean }).open = false;
    await say('bob');
    // Not before what was known of another device.
    expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 120_000) }]);
    const bob = chat.online('bob', 'b3');
    chat.world.at += 300_000;
    await ping(chat.ports, bob);
    (chat.state.sockets.b3 as { open: boolean }).open = false;
    chat.world.at += 3_600_000;
    await say('bob');
    expect(await ask('bob')).toMatchObject([{ last_seen: at(start + 120_000 + 3_600_000 + 300_000) }]);
  });
});

test('a client of the SDK is always shown online: the pings of its own silence come in time', () => {
  expect(standardTiming.ping).toBe(limits.pingAfter);
  // At worst its last message was not written down, as one before it had just been.
  expect(limits.onlineFor).toBe(limits.pingAfter + limits.seenAgain + 30_000);
  expect(standardTiming.request).toBeLessThan(30_000);
});

test('is for who is logged in', async () => {
  const asked = presence(chat.ports, { usernames: ['bob'] }, { ...alice, connectionId: 'x' });
  await expect(asked).rejects.toMatchObject({ code: 'not_logged_in' });
});
