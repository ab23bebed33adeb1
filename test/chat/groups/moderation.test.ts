import { beforeEach, describe, expect, test } from 'vitest';
import { login } from '../../../chat/accounts/login.ts';
import { createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { invite, removeMember, updateGroup } from '../../../chat/groups/moderation.ts';
import { sendGroupMessage } from '../../../chat/messages/send.ts';
import type { Caller, Name } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let alice: Caller;
let bob: Caller;
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  bob = chat.online('bob', 'b1');
  await createGroup(chat.ports, { group_name: 'team' }, alice);
});

const target = (username: string) => ({ group_id: 'team', username });
const ask = (username = 'bob', by = alice, more = {}) =>
  invite({ ...chat.ports, ...more }, target(username), by);
const remove = (username = 'bob', by = alice) => removeMember(chat.ports, target(username), by);
const restrict = (invite_only = true, by = alice) =>
  updateGroup(chat.ports, { group_id: 'team', invite_only }, by);
const join = (by = bob) => joinGroup(chat.ports, { group_id: 'team' }, by);
const members = () => chat.membersOf('team');
const team = () => chat.state.names.team as Name;
const invited = () => chat.state.invitations['bob team'] ?? chat.state.invitations['carol team'];
const push = (type: string) => ({ type, group_id: 'team', by: 'alice' });

describe('for a group that ended and whose name was taken over between the read and the write', () => {
  /** Ports with which that happens just before names are asked for this. */
  function lastMoment(method: 'updateSettings' | 'note') {
    const { directory } = chat.ports;
    const write = async (...of: [never, never]) => {
      await leaveGroup(chat.ports, { group_id: 'team' }, alice);
      await createGroup(chat.ports, { group_name: 'team' }, bob);
      return directory[method](...of);
    };
    return { ...chat.ports, directory: { ...directory, [method]: write } };
  }

  test.each([
    [
      'updateSettings',
      (ports: Service['ports']) => updateGroup(ports, { group_id: 'team', invite_only: true }, alice),
    ],
    ['note', (ports: Service['ports']) => invite(ports, target('carol'), alice)],
  ] as const)(
    '%s says that the group does not exist, and changes nothing in the new one',
    async (method, act) => {
      await expect(act(lastMoment(method))).rejects.toMatchObject({ code: 'unknown_group' });
      expect(team()).toMatchObject({ owner: 'bob', generation: 1 });
      expect(team()).not.toHaveProperty('inviteOnly');
      expect(invited()).toBeUndefined();
    },
  );
});

describe('remove_member', () => {
  test('ends a membership, and tells each device of the removed user', async () => {
    await join();
    chat.online('bob', 'b2', 'text');
    expect(await remove()).toEqual({ group_id: 'team', username: 'bob' });
    expect(members()).toEqual(['alice']);
    expect(chat.framesOf('b1')).toEqual([push('REMOVED')]);
    expect(chat.framesOf('b2')).toEqual(['removed team alice']);
    expect(chat.framesOf('a1')).toEqual([]);
  });

  test('lasts until the user is invited, also in an open group', async () => {
    await join();
    await remove();
    for (let times = 0; times < 2; times++)
      await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    expect(await remove()).toEqual({ group_id: 'team', username: 'bob' });
    expect(chat.framesOf('b1')).toEqual([push('REMOVED')]);
    await ask();
    await join();
    expect(members()).toEqual(['alice', 'bob']);
    // By themselves they come and go.
    await leaveGroup(chat.ports, { group_id: 'team' }, bob);
    await join();
    await remove();
    await ask();
    await remove();
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    expect(members()).toEqual(['alice']);
    expect(team().members).toBe(1);
  });

  test('is told to a user who was invited and joined while it ran', async () => {
    for (let nth = 0, told = 0; ; nth++) {
      chat.state.members['#team'] = {};
      delete chat.state.names.team;
      await createGroup(chat.ports, { group_name: 'team' }, alice);
      chat.state.invitations = {};
      await ask();
      chat.state.sockets.b1 = { open: true, frames: [] };
      const joining = () => join().then(() => told++);
      const { ports, calls } = chat.interrupted(nth, () => joining().catch(() => {}));
      const before = told;
      await removeMember(ports, target('bob'), alice);
      const isOver = calls() <= nth;
      expect(members()).toEqual(['alice']);
      expect(team().members).toBe(1);
      expect(chat.framesOf('b1')).toEqual([push(told > before ? 'REMOVED' : 'UNINVITED')]);
      if (isOver) {
        expect(told).toBeGreaterThan(3);
        break;
      }
    }
  });

  test('does not apply to a later group of that name', async () => {
    await join();
    await remove();
    await leaveGroup(chat.ports, { group_id: 'team' }, alice);
    const carol = chat.online('carol', 'c1');
    await createGroup(chat.ports, { group_name: 'team' }, carol);
    await join();
    expect(members()).toEqual(['bob', 'carol']);
  });

  test('works like leaving: no new messages, and no pending ones', async () => {
    await join();
    delete chat.state.inboxes.bob?.connections.b1;
    const say = () => sendGroupMessage(chat.ports, { group_id: 'team', content: 'hi' }, alice);
    await say();
    expect(chat.state.inboxes.bob?.pending).toEqual({ '#team': 1 });
    await remove();
    await say();
    chat.state.sockets.b9 = { open: true, frames: [] };
    await login(chat.ports, { username: 'bob' }, { ...bob, connectionId: 'b9' });
    expect(chat.framesOf('b9')).toMatchObject([{ pending_messages: [] }]);
    await expect(sendGroupMessage(chat.ports, { group_id: 'team', content: 'x' }, bob)).rejects.toThrow();
  });

  test('withdraws an invitation, and tells the user', async () => {
    await restrict();
    await ask();
    await remove();
    expect(invited()).toBeUndefined();
    expect(chat.framesOf('b1')).toEqual([push('INVITED'), push('UNINVITED')]);
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
  });

  test('is refused to all but the owner, and for users who are not members', async () => {
    await expect(remove()).rejects.toMatchObject({ code: 'not_a_member' });
    await join();
    await expect(remove('alice', bob)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(remove('alice')).rejects.toMatchObject({ code: 'bad_request' });
    const noGroup = removeMember(chat.ports, { group_id: 'bob', username: 'alice' }, alice);
    await expect(noGroup).rejects.toMatchObject({ code: 'unknown_group' });
    expect(members()).toEqual(['alice', 'bob']);
  });
});

describe('withdrawing an invitation alone', () => {
  const withdraw = (by = alice, ports = chat.ports) =>
    removeMember(ports, { ...target('bob'), only: 'invited' }, by);

  test('tells the user, who may join no more; a repeat changes nothing', async () => {
    await restrict();
    await ask();
    for (let times = 0; times < 2; times++)
      expect(await withdraw()).toEqual({ group_id: 'team', username: 'bob' });
    expect(invited()).toBeUndefined();
    expect(chat.framesOf('b1')).toEqual([push('INVITED'), push('UNINVITED')]);
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    await ask();
    await join();
    expect(members()).toEqual(['alice', 'bob']);
  });

  test('writes nothing for a name that nobody has, or where nobody was ever invited', async () => {
    const of = (username: string) =>
      removeMember(chat.ports, { ...target(username), only: 'invited' }, alice);
    await of('bob');
    await ask('carol');
    await of('dave');
    await of('team');
    expect(Object.keys(chat.state.members['#team'] ?? {})).toEqual(['alice']);
  });

  test('removes nobody who has joined', async () => {
    await ask();
    await join();
    await expect(withdraw()).rejects.toMatchObject({ code: 'already_a_member' });
    expect([members(), team().members]).toEqual([['alice', 'bob'], 2]);
    await leaveGroup(chat.ports, { group_id: 'team' }, bob);
    await join();
  });

  test.each([
    ['never removed', false],
    ['removed before', true],
  ])('leaves a user who was %s as they were', async (_, wasRemoved) => {
    if (wasRemoved) {
      await join();
      await remove();
    }
    await ask();
    await withdraw();
    if (wasRemoved) await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    else await join();
    expect(members()).toEqual(wasRemoved ? ['alice'] : ['alice', 'bob']);
  });

  test('while they join: either they are in and stay, or they can not come in, wherever one overtakes the other', async () => {
    const outcomes = new Set<string>();
    for (let nth = 0; ; nth++) {
      chat.state.members['#team'] = {};
      delete chat.state.names.team;
      await createGroup(chat.ports, { group_name: 'team', invite_only: true }, alice);
      chat.state.invitations = {};
      await ask();
      // Removed once, so that a withdrawal bars them again.
      await remove();
      await ask();
      const { ports, calls } = chat.interrupted(nth, () => join().catch(() => {}));
      const outcome = await withdraw(alice, ports).then(
        () => 'withdrawn',
        ({ code }) => code,
      );
      const isIn = outcome === 'already_a_member';
      outcomes.add(outcome);
      expect(members()).toEqual(isIn ? ['alice', 'bob'] : ['alice']);
      expect(invited()).toBeUndefined();
      await restrict(false);
      if (isIn) {
        await leaveGroup(chat.ports, { group_id: 'team' }, bob);
        await join();
      } else await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
      if (calls() <= nth) break;
    }
    expect([...outcomes].sort()).toEqual(['already_a_member', 'withdrawn']);
  });

  test('is refused to all but the owner, and of oneself', async () => {
    await expect(withdraw(bob)).rejects.toMatchObject({ code: 'not_a_member' });
    await join();
    await expect(withdraw(bob)).rejects.toMatchObject({ code: 'not_allowed' });
    const own = removeMember(chat.ports, { ...target('alice'), only: 'invited' }, alice);
    await expect(own).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('an invite-only group', () => {
  test('admits an invited user once', async () => {
    expect(await restrict()).toEqual({ group_id: 'team', invite_only: true });
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    expect(await ask()).toEqual({ group_id: 'team', username: 'bob' });
    expect(chat.framesOf('b1')).toEqual([push('INVITED')]);
    await join();
    expect(members()).toEqual(['alice', 'bob']);
    expect(invited()).toBeUndefined();
    await join();
    await leaveGroup(chat.ports, { group_id: 'team' }, bob);
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
  });

  test('may be restricted when it is created, and opened later', async () => {
    await createGroup(chat.ports, { group_name: 'club', invite_only: true }, alice);
    const enter = () => joinGroup(chat.ports, { group_id: 'club' }, bob);
    await expect(enter()).rejects.toMatchObject({ code: 'not_invited' });
    await updateGroup(chat.ports, { group_id: 'club', invite_only: false }, alice);
    await enter();
    expect(Object.keys(chat.state.members['#club'] ?? {})).toEqual(['alice', 'bob']);
  });

  test('created in place of an empty one has the settings of its new owner', async () => {
    await leaveGroup(chat.ports, { group_id: 'team' }, alice);
    await createGroup(chat.ports, { group_name: 'team', invite_only: true }, alice);
    await expect(join()).rejects.toMatchObject({ code: 'not_invited' });
    expect(members()).toEqual(['alice']);
  });

  test('keeps an invitation if the join died before removing it, which admits the user once more at most', async () => {
    await restrict();
    await ask();
    const { invitations } = chat.ports;
    const get = (...who: [string, string]) => invitations.get(...who);
    const dying = { ...invitations, get, remove: () => Promise.reject(new Error('dies')) };
    await expect(joinGroup({ ...chat.ports, invitations: dying }, { group_id: 'team' }, bob)).rejects.toThrow(
      'dies',
    );
    expect(members()).toEqual(['alice', 'bob']);
    expect(await join()).toEqual({ group_id: 'team' });
  });
});

describe('invite', () => {
  test('of an invited user or a member succeeds, and tells nobody again', async () => {
    await ask();
    await ask();
    await join();
    await ask();
    expect(chat.framesOf('b1')).toEqual([push('INVITED')]);
    expect(invited()).toBeUndefined();
  });

  test('is refused to all but the owner, and for unknown users', async () => {
    await expect(ask('carol', bob)).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(restrict(true, bob)).rejects.toMatchObject({ code: 'not_a_member' });
    await join();
    await expect(ask('carol', bob)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(ask('nobody')).rejects.toMatchObject({ code: 'unknown_recipient' });
    await expect(ask('team')).rejects.toMatchObject({ code: 'unknown_recipient' });
    await expect(restrict(true, bob)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  test('is limited, so that nobody can be pestered with invitations', async () => {
    const never = { invitationPace: { admit: async () => false } };
    await expect(ask('bob', alice, never)).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 3_000 });
    expect(invited()).toBeUndefined();
    expect(chat.framesOf('b1')).toEqual([]);
  });
});

test('needs a login, like all of moderation', async () => {
  const stranger = { ...alice, connectionId: 'x' };
  for (const act of [ask('bob', stranger), remove('bob', stranger), restrict(true, stranger)])
    await expect(act).rejects.toMatchObject({ code: 'not_logged_in' });
});
