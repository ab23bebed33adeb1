import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { register } from '../../../chat/accounts/register.ts';
import { createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { removeMember } from '../../../chat/groups/moderation.ts';
import type { Caller, Name } from '../../../chat/model.ts';
import { ChatError, limits } from '../../../protocol/index.ts';
import { callerAt, type Service, service } from '../../support/chat.ts';

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

test('a name belongs to one user or one group', async () => {
  expect(await register(chat.ports, { username: 'team' }, alice)).toEqual({ username: 'team' });
  await expect(register(chat.ports, { username: 'team' }, alice)).rejects.toMatchObject({
    code: 'name_taken',
  });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  expect(members()).toEqual([]);
});

test('the creator is a member and the owner', async () => {
  expect(await create()).toEqual({ group_id: 'team', groupname: 'team' });
  expect(chat.state.members['#team']?.alice).toMatchObject({ role: 'member', since: 1 });
  expect(chat.state.names.team).toMatchObject({ owner: 'alice', members: 1 });
  await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  await expect(create(bob)).rejects.toMatchObject({ code: 'name_taken' });
});

test('a creation that died before its creator was a member leaves the name free', async () => {
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

test('a member who leaves is no longer one; leaving twice or an unknown group is refused', async () => {
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

test('joining, leaving and creating need a login', async () => {
  const stranger = callerAt('x');
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

  test.each([0, 1, 7])('nobody joins an empty group, though its count says %i', async (said) => {
    Object.assign(chat.state.names.team as Name, { members: said });
    await expect(join()).rejects.toMatchObject({ code: 'unknown_group' });
    expect(members()).toEqual([]);
  });

  test('the name of an empty group goes to the next group, which starts after the old messages', async () => {
    await create(bob);
    await join(alice);
    expect(chat.state.names.team).toMatchObject({ owner: 'bob', members: 2, generation: 1, first: 2 });
    const row = { generation: 1, first: 2, since: 2 };
    expect(chat.state.members['#team']).toMatchObject({ alice: row, bob: row });
    await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
  });

  test('the name of an empty group may go to a user', async () => {
    expect(await register(chat.ports, { username: 'team' }, bob)).toEqual({ username: 'team' });
    expect(chat.state.names.team).toMatchObject({ kind: 'user' });
    await expect(join()).rejects.toMatchObject({ code: 'unknown_group' });
    await expect(create()).rejects.toMatchObject({ code: 'name_taken' });
    const again = register(chat.ports, { username: 'team' }, alice);
    await expect(again).rejects.toMatchObject({ code: 'name_taken' });
  });

  test("rows of memberships whose function died are in nobody's way", async () => {
    await create(bob);
    await leave();
    // Rows of functions that died: of generation 0, though the name is in its 1st.
    const dead = { chat: '#team', role: 'member', since: 1, attemptId: 'dead' } as const;
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

describe('the number of members', () => {
  const counted = () => chat.state.names.team?.members;

  test('is exact, however often and concurrently they join and leave', async () => {
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

  test('is counted anew when the group seems full, at most every ten minutes', async () => {
    await create();
    const full = () => {
      chat.state.names.team = { ...(chat.state.names.team as Name), members: limits.members };
    };
    full();
    await join();
    expect(counted()).toBe(2);
    await leave();
    full();
    const { counted: last } = chat.state.names.team as Name;
    await expect(join()).rejects.toMatchObject({ code: 'limit_reached' });
    expect(members()).toEqual(['alice']);
    // Whoever is refused is in the way of no count.
    expect(chat.state.members['#team']).not.toHaveProperty('bob');
    expect(chat.state.names.team).toHaveProperty('counted', last);
    chat.runtime.at += 10 * 60_000;
    await join();
    expect(counted()).toBe(2);
  });

  test('keeps users out when it has reached the limit', async () => {
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

describe('the number of members, at every step of a request', () => {
  const { members: most } = limits;
  const FEW = 6;
  beforeAll(() => void Object.assign(limits, { members: FEW }));
  afterAll(() => void Object.assign(limits, { members: most }));

  const team = () => chat.state.names.team as Name;
  const others = {
    'a login of theirs, which finds something owed': () => chat.ports.members.markBack('#team', 'bob'),
    'their leaving': () => leave(),
    'their joining': () => join(),
    'their removal': () => removeMember(chat.ports, { group_id: 'team', username: 'bob' }, alice),
    'the joining of another': () => join(chat.online('carol', 'c1')),
    'the leaving of the owner': () => leave(alice),
    'the leaving of all but who joined last': async () => {
      for (const who of members().filter((each) => each !== 'bob')) await leave(chat.online(who, who));
    },
    'a count of all': async () => {
      const there = await chat.ports.members.count('#team', undefined);
      await chat.ports.directory.recount(team(), there, chat.runtime.newId(), chat.runtime.at);
    },
  };
  const acts = {
    joins: (ports: Service['ports']) => joinGroup(ports, { group_id: 'team' }, bob),
    leaves: (ports: Service['ports']) => leaveGroup(ports, { group_id: 'team' }, bob),
  };
  const cases = Object.keys(others).flatMap((other) =>
    Object.keys(acts).flatMap((act) =>
      [0, 1, 3].flatMap((room) =>
        ['just', 'never'].map(
          (when) => [act, room, when, other] as [keyof typeof acts, number, string, keyof typeof others],
        ),
      ),
    ),
  );

  /** @param room for so many more */
  async function begin(act: string, room: number, counted: string) {
    chat = service();
    chat.users('alice', 'bob', 'carol');
    [alice, bob] = [chat.online('alice', 'a1'), chat.online('bob', 'b1')];
    const more = Array.from({ length: FEW - room - (act === 'leaves' ? 2 : 1) }, (_, index) => `m${index}`);
    chat.group('team', 'alice', ...more);
    if (act === 'leaves') await join();
    if (counted === 'just') chat.state.names.team = { ...team(), recounted: chat.runtime.at };
  }

  test('stays right when a refused user was the heir meanwhile, and passes the group on', async () => {
    await begin('joins', FEW - 1, 'just');
    chat.state.names.team = { ...team(), members: FEW - 1 };
    const { directory, members: rows } = chat.ports;
    const first =
      <A extends unknown[], R>(happens: () => Promise<unknown>, then: (...args: A) => Promise<R>) =>
      async (...args: A) => {
        await happens();
        return then(...args);
      };
    const late = async () => {
      chat.runtime.at += 1;
      await join(chat.online('carol', 'c1'));
    };
    const joining = acts.joins({
      ...chat.ports,
      directory: { ...directory, count: first(late, directory.count) },
      members: { ...rows, remove: first(() => leave(alice), rows.remove) },
    });
    await expect(joining).rejects.toMatchObject({ code: 'limit_reached' });
    expect(members()).toEqual(['carol']);
    expect(team().owner).toBe('carol');
  });

  test.each(cases)(
    'bob %s, with room for %i more, %s counted one by one; in between comes %s',
    async (act, room, when, other) => {
      for (let nth = 0; ; nth++) {
        await begin(act, room, when);
        const { ports, calls } = chat.interrupted(nth, () => others[other]().catch(() => {}));
        await acts[act](ports).catch(({ code }: ChatError) =>
          expect(code).toMatch(/^(limit_reached|not_a_member|not_invited|unknown_group)$/),
        );
        expect(team().members).toBe(members().length);
        expect(team().members).toBeLessThanOrEqual(FEW);
        if (members().length > 0) expect(members()).toContain(team().owner);
        if (calls() <= nth) break;
        expect(nth).toBeLessThan(50);
      }
    },
  );
});

describe('creating groups is limited like registering', () => {
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

  test('when a group was joined, created or left', async () => {
    await create();
    await join();
    await join();
    await leave();
    expect(chat.framesOf('a2')).toEqual([{ type: 'JOINED', group_id: 'team' }]);
    expect(chat.framesOf('b2')).toEqual(['joined team', 'left team']);
    expect([...chat.framesOf('a1'), ...chat.framesOf('b1')]).toEqual([]);
  });
});
