import { beforeEach, expect, test } from 'vitest';
import { createGroup, joinGroup, leaveGroup } from '../../chat/groups.ts';
import type { Caller } from '../../chat/ports.ts';
import { register } from '../../chat/register.ts';
import { type Service, service } from '../support/chat.ts';

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
});

const create = (caller = alice) => createGroup(chat.ports, { group_name: 'team' }, caller);
const join = (caller = bob) => joinGroup(chat.ports, { group_id: 'team' }, caller);
const leave = (caller = bob) => leaveGroup(chat.ports, { group_id: 'team' }, caller);
const members = () => Object.keys(chat.state.members['#team'] ?? {});

test('a name is claimed once, by a user or by a group', async () => {
  expect(await register(chat.ports, { username: 'team' }, alice)).toEqual({ username: 'team' });
  await expect(register(chat.ports, { username: 'team' }, alice)).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  expect(members()).toEqual([]);
});

test('the creator is a member', async () => {
  expect(await create()).toEqual({ group_id: 'team', groupname: 'team' });
  expect(chat.state.members['#team']?.alice).toMatchObject({ role: 'creator', since: 1 });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  await expect(create(bob)).rejects.toMatchObject({ code: 'name_taken' });
});

test('a creation that died before the creator was in is made good by the same creator, and nobody else', async () => {
  await create();
  chat.state.members = {};
  await expect(create(bob)).rejects.toMatchObject({ code: 'name_taken' });
  expect(await create()).toMatchObject({ group_id: 'team' });
  expect(members()).toEqual(['alice']);
});

test('joining twice changes nothing; a member counts from the next message on', async () => {
  await create();
  await chat.write({ chat: '#team', sender: 'alice', content: 'hi' });
  expect(await join()).toEqual({ group_id: 'team' });
  await chat.write({ chat: '#team', sender: 'alice', content: 'hi' });
  await join();
  expect(chat.state.members['#team']?.bob).toMatchObject({ role: 'member', since: 2 });
});

test('who leaves is out; leaving twice, or leaving what does not exist, is refused', async () => {
  await expect(leave()).rejects.toMatchObject({ code: 'unknown_group' });
  await expect(join()).rejects.toMatchObject({ code: 'unknown_group' });
  const user = joinGroup(chat.ports, { group_id: 'alice' }, bob);
  await expect(user).rejects.toMatchObject({ code: 'unknown_group' });
  await create();
  await join();
  expect(await leave()).toEqual({ group_id: 'team' });
  expect(members()).toEqual(['alice']);
  await expect(leave()).rejects.toMatchObject({ code: 'not_a_member' });
});

test('all of it is for who is logged in', async () => {
  const stranger = { connectionId: 'x', form: 'json', address: 'home' } as const;
  for (const act of [create, join, leave]) {
    await expect(act(stranger)).rejects.toMatchObject({ code: 'not_logged_in' });
  }
});
