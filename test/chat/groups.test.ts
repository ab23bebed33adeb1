import { beforeEach, describe, expect, test } from 'vitest';
import { createGroup, joinGroup, leaveGroup } from '../../chat/groups.ts';
import type { Caller, Name } from '../../chat/ports.ts';
import { register } from '../../chat/register.ts';
import { ChatError, limits } from '../../protocol/index.ts';
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
const members = () => chat.membersOf('team');

test('a name is claimed once, by a user or by a group', async () => {
  expect(await register(chat.ports, { username: 'team' }, alice)).toEqual({ username: 'team' });
  await expect(register(chat.ports, { username: 'team' }, alice)).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  expect(members()).toEqual([]);
});

test('who creates it is a member, and the owner', async () => {
  expect(await create()).toEqual({ group_id: 'team', groupname: 'team' });
  expect(chat.state.members['#team']?.alice).toMatchObject({ role: 'member', since: 1 });
  expect(chat.state.names.team).toMatchObject({ owner: 'alice', members: 1 });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  await expect(create(bob)).rejects.toMatchObject({ code: 'name_taken' });
});

test('a creation that died before anybody was in leaves a name that is free', async () => {
  const dying = { ...chat.ports.members, join: () => Promise.reject(new Error('dies')) };
  await expect(createGroup({ ...chat.ports, members: dying }, { group_name: 'team' }, alice)).rejects.toThrow(
    'dies',
  );
  await expect(join(alice)).rejects.toMatchObject({ code: 'unknown_group' });
  expect(await create(bob)).toMatchObject({ group_id: 'team' });
  expect(members()).toEqual(['bob']);
  expect(chat.state.names.team).toMatchObject({ owner: 'bob', members: 1 });
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

describe('a group lasts as long as somebody is in it', () => {
  beforeEach(async () => {
    await create();
    await chat.write({ chat: '#team', sender: 'alice', content: 'old' });
    await leave(alice);
  });

  test('nobody joins an empty one', async () => {
    await expect(join()).rejects.toMatchObject({ code: 'unknown_group' });
    expect(members()).toEqual([]);
  });

  test('whoever asks next gets its name for a group, which begins behind what was said', async () => {
    await create(bob);
    await join(alice);
    expect(chat.state.names.team).toMatchObject({ owner: 'bob', members: 2, generation: 1, first: 2 });
    const row = { generation: 1, first: 2, since: 2 };
    expect(chat.state.members['#team']).toMatchObject({ alice: row, bob: row });
    await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  });

  test('or for a user', async () => {
    expect(await register(chat.ports, { username: 'team' }, bob)).toEqual({ username: 'team' });
    expect(chat.state.names.team).toMatchObject({ kind: 'user' });
    await expect(join()).rejects.toMatchObject({ code: 'unknown_group' });
    await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
    const again = register(chat.ports, { username: 'team' }, alice);
    await expect(again).rejects.toMatchObject({ code: 'name_taken' });
  });

  test("what is left of a membership from before is in nobody's way", async () => {
    await create(bob);
    await leave();
    // Rows of functions that died: of generation 0, though the name is in its 1st.
    const dead = { chat: '#team', role: 'member', since: 1, turn: 'dead' } as const;
    chat.state.members['#team'] = {
      alice: { ...dead, username: 'alice' },
      bob: { ...dead, username: 'bob' },
    };
    await create(bob);
    await join(alice);
    expect(chat.state.members['#team']).toMatchObject({ alice: { generation: 2 }, bob: { generation: 2 } });
    expect(chat.state.names.team).toMatchObject({ generation: 2, members: 2 });
  });
});

describe('how many are in a group', () => {
  const counted = () => chat.state.names.team?.members;

  test('is those who are, however often and at once they join and leave', async () => {
    await create();
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 6 }, () => join()));
      expect(counted()).toBe(2);
      await Promise.all(Array.from({ length: 6 }, () => leave().catch(() => {})));
      expect(counted()).toBe(1);
    }
    for (let round = 0; round < 5; round++) {
      await leave(alice);
      expect(counted()).toBe(0);
      await create();
      expect(counted()).toBe(1);
    }
  });

  test('is counted anew where it is said to be full, and not more often than every ten minutes', async () => {
    await create();
    const full = () => {
      chat.state.names.team = { ...(chat.state.names.team as Name), members: limits.members };
    };
    full();
    await join();
    expect(counted()).toBe(2);
    await leave();
    full();
    await expect(join()).rejects.toMatchObject({ code: 'limit_reached' });
    expect(members()).toEqual(['alice']);
    chat.world.at += 10 * 60_000;
    await join();
    expect(counted()).toBe(2);
  });

  test('a group that is full takes nobody', async () => {
    await create();
    chat.state.names.team = { ...(chat.state.names.team as Name), members: limits.members };
    const ports = {
      ...chat.ports,
      members: { ...chat.ports.members, count: async () => limits.members + 1 },
    };
    await expect(joinGroup(ports, { group_id: 'team' }, bob)).rejects.toMatchObject({
      code: 'limit_reached',
    });
    expect(members()).toEqual(['alice']);
    expect(counted()).toBe(limits.members);
  });
});

describe('making groups is limited like registering', () => {
  test.each([
    ['of one user', 'user alice'],
    ['from one address', 'address home'],
  ])('%s', async (_, whose) => {
    const admit = async (asked: string) => {
      if (asked === whose) throw new ChatError('rate_limited', 'Too many groups.', { retryAfter: 1 });
    };
    const ports = { ...chat.ports, creations: { ...chat.ports.creations, admit } };
    const refused = createGroup(ports, { group_name: 'team' }, alice);
    await expect(refused).rejects.toMatchObject({ code: 'rate_limited' });
    expect(chat.state.names.team).toBeUndefined();
  });
});

describe('other devices of the user are told', () => {
  beforeEach(() => {
    chat.online('alice', 'a2');
    chat.online('bob', 'b2', 'text');
  });

  test('of a group that was joined, or made, and that was left', async () => {
    await create();
    await join();
    await join();
    await leave();
    expect(chat.framesOf('a2')).toEqual([{ type: 'JOINED', group_id: 'team' }]);
    expect(chat.framesOf('b2')).toEqual(['joined team', 'left team']);
    expect([...chat.framesOf('a1'), ...chat.framesOf('b1')]).toEqual([]);
  });
});
