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

test('shows who is there, each once, and nothing of who never was', async () => {
  expect(await ask('alice', 'bob', 'alice', 'nobody')).toEqual([
    { username: 'alice', online: true },
    { username: 'bob', online: false },
    { username: 'nobody', online: false },
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

test('who went unnoticed is not there for ever, and was seen when they came', async () => {
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

test('a message that finds a dead connection does not unsay when its user was there on another', async () => {
  chat.online('bob', 'b1');
  const other = chat.online('bob', 'b2');
  chat.runtime.at += 60_000;
  await logout(chat.ports, {}, other);
  (chat.state.sockets.b1 as { open: boolean }).open = false;
  chat.runtime.at += 60_000;
  await sendMessage(chat.ports, { recipient: 'bob', content: 'hi' }, alice);
  expect(await ask('bob')).toEqual([{ username: 'bob', online: false, last_seen: at(start + 60_000) }]);
});

test('is for who is logged in', async () => {
  const asked = presence(chat.ports, { usernames: ['bob'] }, { ...alice, connectionId: 'x' });
  await expect(asked).rejects.toMatchObject({ code: 'not_logged_in' });
});
