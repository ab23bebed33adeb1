import { beforeEach, expect, test } from 'vitest';
import { changePassword } from '../../chat/accounts/change-password.ts';
import { login } from '../../chat/accounts/login.ts';
import { Unavailable } from '../../chat/errors.ts';
import { joinGroup, leaveGroup } from '../../chat/groups/groups.ts';
import { removeMember } from '../../chat/groups/moderation.ts';
import type { Caller } from '../../chat/model.ts';
import { type Service, service } from '../support/chat.ts';
import { type Gate, memoryPorts } from '../support/memory.ts';

// `busy` says that nothing was stored (docs/guarantees.md): here something was.

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(() => {
  chat = service();
  chat.users('alice', 'bob');
  chat.group('team', 'alice');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
  chat.state.sockets.b2 = { open: true, frames: [] };
});

/** The database refuses this one call. */
function without(method: string) {
  const gate: Gate = async (call, perform) => {
    if (call.method === method) throw new Unavailable('throttled');
    return perform();
  };
  return memoryPorts(chat.state, chat.runtime, gate);
}

const inTeam = () => chat.membersOf('team');

async function expectUnknown(done: Promise<unknown>): Promise<void> {
  const error = await done.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(Unavailable);
}

test('a join that could not be counted is not busy, since it happened', async () => {
  await expectUnknown(joinGroup(without('count'), { group_id: 'team' }, bob));
  expect(inTeam()).toEqual(['alice', 'bob']);
});

test('a departure or a removal that could not be counted is not busy, since it happened', async () => {
  await joinGroup(chat.ports, { group_id: 'team' }, bob);
  await expectUnknown(leaveGroup(without('count'), { group_id: 'team' }, bob));
  expect(inTeam()).toEqual(['alice']);
  await joinGroup(chat.ports, { group_id: 'team' }, bob);
  const remove = { group_id: 'team', username: 'bob' };
  await expectUnknown(removeMember(without('count'), remove, alice));
  expect(inTeam()).toEqual(['alice']);
});

test('a new password is not busy where older sessions could not be ended', async () => {
  await expectUnknown(changePassword(without('revoke'), { new_password: 'new' }, bob));
  expect(chat.state.credentials.bob?.password).toBeDefined();
});

test('a login is not busy where it succeeded but could not be answered', async () => {
  await expectUnknown(login(without('groupsOf'), { username: 'bob' }, { ...bob, connectionId: 'b2' }));
  expect(chat.state.inboxes.bob?.connections).toHaveProperty('b2');
});

test('a failure of the first step is busy, and nothing is stored', async () => {
  await expect(leaveGroup(without('leave'), { group_id: 'team' }, alice)).rejects.toThrow(Unavailable);
  expect(inTeam()).toEqual(['alice']);
});
