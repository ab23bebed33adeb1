import { beforeEach, describe, expect, test } from 'vitest';
import { createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { listInvitations } from '../../../chat/groups/invitations.ts';
import { invite, removeMember, setOwner, updateGroup } from '../../../chat/groups/moderation.ts';
import type { Caller, Invitation, Member } from '../../../chat/model.ts';
import { bytesOf, limits } from '../../../protocol/index.ts';
import { type Service, service } from '../../support/chat.ts';

let chat: Service;
let [alice, bob] = [] as unknown as [Caller, Caller];
beforeEach(begin);

/** Alice's invite-only group, and bob, who was invited to it while he was away. */
async function begin() {
  chat = service();
  chat.users('alice', 'bob', 'carol');
  alice = chat.online('alice', 'a1');
  await createGroup(chat.ports, { group_name: 'team', title: 'The team', invite_only: true }, alice);
  await ask('bob');
  bob = chat.online('bob', 'b1');
}

const team = { group_id: 'team' };
const ask = (username: string, ports = chat.ports) => invite(ports, { ...team, username }, alice);
const list = async (after?: string, who = bob) =>
  listInvitations(chat.ports, after === undefined ? {} : { after }, who);
const groups = async () => (await list()).invitations.map(({ group_id }) => group_id);

test('who was away when they were invited finds it, with the title, by whom and when', async () => {
  const timestamp = new Date(chat.runtime.at).toISOString();
  const invitation = { ...team, by: 'alice', timestamp, title: 'The team' };
  expect(await list()).toEqual({ invitations: [invitation], next: undefined });
  expect(await list(undefined, alice)).toEqual({ invitations: [], next: undefined });
  await expect(list(undefined, { ...bob, connectionId: 'x' })).rejects.toMatchObject({
    code: 'not_logged_in',
  });
});

describe('an invitation is open until', () => {
  test('it is accepted', async () => {
    await joinGroup(chat.ports, team, bob);
    expect(await groups()).toEqual([]);
    expect(chat.membersOf('team')).toEqual(['alice', 'bob']);
  });

  test('it is declined, which other devices are told; a repeat finds none, and they can be invited again', async () => {
    chat.online('bob', 'b2');
    expect(await leaveGroup(chat.ports, team, bob)).toEqual(team);
    expect(await groups()).toEqual([]);
    expect(chat.framesOf('b2')).toEqual([{ type: 'LEFT', group_id: 'team' }]);
    await expect(leaveGroup(chat.ports, team, bob)).rejects.toMatchObject({ code: 'not_a_member' });
    await expect(joinGroup(chat.ports, team, bob)).rejects.toMatchObject({
      code: 'not_invited',
      ask: 'alice',
    });
    await ask('bob');
    expect(await groups()).toEqual(['team']);
  });

  test('it is declined, also by who is left in an earlier group of that name', async () => {
    const row: Member = { chat: '#team', username: 'bob', role: 'member', since: 1, generation: 7 };
    Object.assign(chat.state.members['#team'] ?? {}, { bob: row });
    expect(await leaveGroup(chat.ports, team, bob)).toEqual(team);
    expect(await groups()).toEqual([]);
    expect(chat.state.members['#team']).not.toHaveProperty('bob');
    // Without an invitation, such a row alone goes.
    Object.assign(chat.state.members['#team'] ?? {}, { bob: row });
    expect(await leaveGroup(chat.ports, team, bob)).toEqual(team);
    expect(chat.membersOf('team')).toEqual(['alice']);
  });

  test('it is withdrawn', async () => {
    await removeMember(chat.ports, { ...team, username: 'bob' }, alice);
    expect(await groups()).toEqual([]);
  });

  test('the group ends, of which nobody is told whom to ask', async () => {
    const carol = chat.online('carol', 'c1');
    const refused = {
      code: 'not_invited',
      ask: 'alice',
      message: 'team is invite-only: ask alice to invite you.',
    };
    await expect(joinGroup(chat.ports, team, carol)).rejects.toMatchObject(refused);
    await leaveGroup(chat.ports, team, alice);
    await expect(joinGroup(chat.ports, team, carol)).rejects.toMatchObject({ code: 'unknown_group' });
    // Nor is who has left it.
    await expect(joinGroup(chat.ports, team, alice)).rejects.toMatchObject({ code: 'unknown_group' });
  });

  test('the group ends; one to another group of that name is not the same', async () => {
    await leaveGroup(chat.ports, team, alice);
    expect(await groups()).toEqual([]);
    await createGroup(chat.ports, { group_name: 'team', invite_only: true }, alice);
    expect(chat.state.invitations).toHaveProperty('bob team');
    expect(await groups()).toEqual([]);
    expect(chat.state.invitations).toEqual({});
    await expect(joinGroup(chat.ports, team, bob)).rejects.toMatchObject({ code: 'not_invited' });
    await ask('bob');
    expect((await list()).invitations).toMatchObject([{ ...team, by: 'alice' }]);
    await joinGroup(chat.ports, team, bob);
  });

  test('the group ends, whomever else another group of that name has invited', async () => {
    await leaveGroup(chat.ports, team, alice);
    await createGroup(chat.ports, { group_name: 'team', invite_only: true }, alice);
    await ask('carol');
    await expect(joinGroup(chat.ports, team, bob)).rejects.toMatchObject({ code: 'not_invited' });
    // Of whom it is not known that an earlier group had invited them.
    await ask('bob');
    await joinGroup(chat.ports, team, bob);
    expect(chat.membersOf('team')).toEqual(['alice', 'bob']);
  });

  test('it is accepted, also where the function dies: then a repeat ends it', async () => {
    let left = 0;
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      await joinGroup(ports, team, bob).catch(() => {});
      if (chat.membersOf('team').includes('bob') && (await groups()).length > 0) left++;
      await joinGroup(chat.ports, team, bob);
      expect(await groups()).toEqual([]);
      if (calls() <= nth) break;
    }
    expect(left).toBeGreaterThan(0);
  });

  test('whoever owns the group by then, or opens it', async () => {
    await ask('carol');
    await joinGroup(chat.ports, team, chat.online('carol', 'c1'));
    await setOwner(chat.ports, { ...team, username: 'carol' }, alice);
    await updateGroup(chat.ports, { ...team, invite_only: false }, chat.online('carol', 'c1'));
    expect((await list()).invitations).toMatchObject([{ ...team, by: 'alice' }]);
  });
});

describe('who is invited to a group', () => {
  const invitees = (after?: string, who = alice, group_id = 'team') =>
    listInvitations(chat.ports, { group_id, ...(after !== undefined && { after }) }, who);
  const users = async () => (await invitees()).invitations.map(({ username }) => username);

  test('is listed for its owner alone, by name, until they have answered', async () => {
    const timestamp = new Date(chat.runtime.at).toISOString();
    await ask('carol');
    expect(await invitees()).toEqual({
      invitations: ['bob', 'carol'].map((username) => ({ ...team, username, by: 'alice', timestamp })),
      next: undefined,
    });
    expect((await invitees('bob')).invitations).toMatchObject([{ username: 'carol' }]);
    await joinGroup(chat.ports, team, bob);
    expect(await users()).toEqual(['carol']);
    await expect(invitees(undefined, bob)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(invitees(undefined, chat.online('carol', 'c1'))).rejects.toMatchObject({
      code: 'not_a_member',
    });
    await expect(invitees(undefined, alice, 'bob')).rejects.toMatchObject({ code: 'unknown_group' });
    await setOwner(chat.ports, { ...team, username: 'bob' }, alice);
    expect((await invitees(undefined, bob)).invitations).toMatchObject([{ username: 'carol', by: 'alice' }]);
    await expect(invitees()).rejects.toMatchObject({ code: 'not_allowed' });
  });

  test('no one who has joined, though the join died before it used the invitation up', async () => {
    let left = 0;
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      await joinGroup(ports, team, bob).catch(() => {});
      const isIn = chat.membersOf('team').includes('bob');
      if (isIn && Object.keys(chat.state.invitations).length > 0) left++;
      expect(await users()).toEqual(isIn ? [] : ['bob']);
      if (calls() <= nth) break;
    }
    expect(left).toBeGreaterThan(0);
  });

  test('by an earlier group of that name, it is not; and they fit into frames', async () => {
    chat.state.invitations = {};
    const names = Array.from({ length: 103 }, (_, index) => `u${index}`.padEnd(limits.userIdLength, '"'));
    for (const [index, username] of names.entries())
      chat.state.invitations[`${username} team`] = {
        ...{ username, group: 'team', by: '"'.repeat(limits.userIdLength), at: 0, id: username },
        attemptId: (index % 2 && chat.state.names.team?.attemptId) || 'another',
      };
    const found: (string | undefined)[] = [];
    for (let after: string | undefined = '', pages = 0; after !== undefined; pages++) {
      const reply = await invitees(after);
      expect(bytesOf(JSON.stringify(reply))).toBeLessThan(limits.frameBytes);
      found.push(...reply.invitations.map(({ username }) => username));
      after = reply.next?.after;
      expect(pages).toBeLessThan(10);
    }
    expect(found).toEqual(names.filter((_, index) => index % 2).sort());
  });
});

describe('others can fill no list', () => {
  /** Groups with these names, each of which has invited bob. */
  const invitedTo = (names: string[], by: string, title: string) => {
    for (const name of names) {
      chat.group(name, 'alice');
      Object.assign(chat.state.names[name] ?? {}, { hasInvited: true });
      chat.state.profiles[`#${name}`] = { name: title };
      const invitation: Invitation = { username: 'bob', group: name, by, at: 0, id: name, attemptId: name };
      chat.state.invitations[`bob ${name}`] = invitation;
    }
  };

  async function allPages() {
    const found: string[] = [];
    for (let after: string | undefined = '', pages = 0; after !== undefined; pages++) {
      const { invitations, next } = await list(after || undefined);
      expect(bytesOf(JSON.stringify({ invitations, next }))).toBeLessThan(limits.frameBytes);
      found.push(...invitations.map(({ group_id }) => group_id));
      after = next?.after;
      expect(pages).toBeLessThan(100);
    }
    return found;
  }

  test('so that one is lost, or a frame overflows: they come page by page', async () => {
    const names = Array.from({ length: 203 }, (_, index) => `g${index}`.padEnd(limits.nameLength, 'x'));
    // A quote takes two bytes in JSON, and four in a frame of the gateway's.
    invitedTo(names, '"'.repeat(limits.userIdLength), '𝒳'.repeat(limits.displayName));
    expect(await allPages()).toEqual([...names, 'team'].sort());
  });

  test('nor by groups that have ended', async () => {
    const names = Array.from({ length: 100 }, (_, index) => `a${index}`);
    invitedTo(names, 'alice', 'x');
    for (const [index, name] of names.entries()) {
      if (index % 2) delete chat.state.names[name];
      else Object.assign(chat.state.names[name] ?? {}, { members: 0 });
      if (index % 4) chat.state.members[`#${name}`] = {};
    }
    // A count that is off by one hides nothing.
    expect(await allPages()).toEqual([...names.filter((_, index) => index % 4 === 0).sort(), 'team']);
  });
});

test('invited twice at once by two devices, whichever step of one the other overtakes, a user has one invitation', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    await leaveGroup(chat.ports, team, bob);
    const { ports, calls } = chat.interrupted(nth, () => ask('bob'));
    await ask('bob', ports);
    expect(await groups()).toEqual(['team']);
    if (calls() <= nth) break;
  }
});

test('whichever step of an invitation is the last, a repeat completes it', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    await removeMember(chat.ports, { ...team, username: 'bob' }, alice);
    const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
    await ask('bob', ports).catch(() => {});
    await ask('bob');
    expect(await groups()).toEqual(['team']);
    await joinGroup(chat.ports, team, bob);
    // Nothing is left that would keep them out.
    await updateGroup(chat.ports, { ...team, invite_only: false }, alice);
    await leaveGroup(chat.ports, team, bob);
    await joinGroup(chat.ports, team, bob);
    expect(await groups()).toEqual([]);
    if (calls() <= nth) break;
  }
});

test('a user who joins on two devices at once is in, whichever step of one the other overtakes', async () => {
  for (let nth = 0; ; nth++) {
    await begin();
    const phone = chat.online('bob', 'b2');
    const { ports, calls } = chat.interrupted(nth, () => joinGroup(chat.ports, team, phone));
    await joinGroup(ports, team, bob);
    expect(chat.membersOf('team')).toEqual(['alice', 'bob']);
    expect(await groups()).toEqual([]);
    if (calls() <= nth) break;
  }
});
