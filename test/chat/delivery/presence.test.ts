import { beforeEach, expect, test } from 'vitest';
import { disconnected, logout } from '../../../chat/accounts/logout.ts';
import { presence } from '../../../chat/delivery/presence.ts';
import { sendMessage } from '../../../chat/messages/send.ts';
import { type Caller, CONNECTION_LIFE } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let start: number;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  start = chat.runtime.at;
});

const ask = async (...usernames: string[]) => (await presence(chat.ports, { usernames }, alice)).users;
const at = (millis: number) => new Date(millis).toISOString();

test('shows who is online, each user once, and which names no user has', async () => {
  await chat.ports.inboxes.create('bob');
  expect(await ask('alice', 'bob', 'alice', 'nobody')).toEqual([
    { username: 'alice', online: true },
    { username: 'bob', online: false },
    { username: 'nobody', online: false, unknown: true },
  ]);
});

test('a user who logs out or is cut off was last seen then, but stays online on another device', async () => {
  const bob = chat.online('bob', 'b1');
  chat.online('bob', 'b2');
  chat.runtime.at += 1000;
  await logout(chat.ports, {}, bob);
  expect(await ask('bob')).toEqual([{ username: 'bob', online: true }]);
  chat.runtime.at += 1000;
  await disconnected(chat.ports, 'b2');
  chat.runtime.at += 5000;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 2000) }]);
});

test('does not show a user online for ever whose end was not noticed, and takes their connect time as last seen', async () => {
  chat.online('bob', 'b1');
  chat.runtime.at += CONNECTION_LIFE;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: true }]);
  chat.runtime.at += 1;
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start) }]);
  // A message finds the connection dead, which says nothing new of when they were there.
  await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
  expect(chat.state.inboxes.bob?.connections).toEqual({});
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start) }]);
});

test('keeps a later last seen from another device when a message finds a dead connection', async () => {
  chat.online('bob', 'b1');
  const other = chat.online('bob', 'b2');
  chat.runtime.at += 60_000;
  await logout(chat.ports, {}, other);
  (chat.state.sockets.b1 as { open: boolean }).open = false;
  chat.runtime.at += 60_000;
  await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 60_000) }]);
});

test('needs a login', async () => {
  const asked = presence(chat.ports, { usernames: ['bob'] }, { ...alice, connectionId: 'x' });
  await expect(asked).rejects.toMatchObject({ code: 'not_logged_in' });
});
