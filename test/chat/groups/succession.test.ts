import { beforeEach, describe, expect, test } from 'vitest';
import { deleteUser } from '../../../chat/accounts/erasure.ts';
import { OutcomeUnknown } from '../../../chat/errors.ts';
import { createGroup, joinGroup, leaveGroup } from '../../../chat/groups/groups.ts';
import { listMembers } from '../../../chat/groups/list-members.ts';
import { invite, removeMember, setOwner, updateGroup } from '../../../chat/groups/moderation.ts';
import { appointOwner } from '../../../chat/groups/succession.ts';
import type { Caller, Member } from '../../../chat/model.ts';
import { type Service, service } from '../../support/chat.ts';
import { scansOf } from '../../support/scans.ts';

const group = { group_id: 'team' };

let chat: Service;
let [alice, bob, carol] = [] as unknown as [Caller, Caller, Caller];
beforeEach(async () => {
  chat = service();
  chat.users('alice', 'bob', 'carol', 'dora');
  [alice, bob, carol] = [chat.online('alice', 'a1'), chat.online('bob', 'b1'), chat.online('carol', 'c1')];
  await createGroup(chat.ports, { group_name: 'team' }, alice);
  // Not in the order of their names.
  for (const who of [carol, bob]) {
    chat.runtime.at += 1_000;
    await joinGroup(chat.ports, group, who);
  }
});

const leave = (who: Caller, ports = chat.ports) => leaveGroup(ports, group, who);
const restrict = (who: Caller, ports = chat.ports) =>
  updateGroup(ports, { ...group, invite_only: true }, who);
const owner = () => chat.state.names.team?.owner;
const rowOf = (username: string) => chat.state.members['#team']?.[username] as Member;
const notAMember = { code: 'not_a_member' };

describe('when the owner leaves, the group passes on', () => {
  test('to the longest member', async () => {
    await leave(alice);
    expect(owner()).toBe('carol');
    const { members } = await listMembers(chat.ports, group, bob);
    expect(members.map(({ username, role }) => [username, role])).toEqual([
      ['bob', 'member'],
      ['carol', 'owner'],
    ]);
    await leave(carol);
    expect(owner()).toBe('bob');
    await restrict(bob);
  });

  test('to a moderator before all others', async () => {
    Object.assign(chat.state.members['#team'] ?? {}, { bob: { ...rowOf('bob'), role: 'moderator' } });
    await leave(alice);
    expect(owner()).toBe('bob');
  });

  test('also if the members come in several answers of the database', async () => {
    const rows = Array.from({ length: 12_000 }, (_, index) => {
      const username = `u${String(index).padStart(5, '0')}`;
      return [username, { ...rowOf('bob'), username, joined: 20_000 - index }];
    });
    Object.assign(chat.state.members['#team'] ?? {}, Object.fromEntries(rows));
    await leave(alice);
    expect(owner()).toBe('u11999');
  });

  test('not to a member of an earlier group of that name', async () => {
    Object.assign(chat.state.members['#team'] ?? {}, { carol: { ...rowOf('carol'), generation: 7 } });
    await leave(alice);
    expect(owner()).toBe('bob');
  });

  test('only then, and not when another member leaves', async () => {
    await leave(carol);
    expect(owner()).toBe('alice');
  });

  test('also if the operator deletes them', async () => {
    await deleteUser({ ...chat.ports, scans: scansOf(chat.state) }, { username: 'alice' });
    expect(owner()).toBe('carol');
    expect(chat.state.names.team?.members).toBe(2);
  });
});

describe('only members act', () => {
  test('an owner who left administers nothing, and comes back as a plain member', async () => {
    await leave(alice);
    const target = (username: string) => ({ ...group, username });
    await expect(removeMember(chat.ports, target('bob'), alice)).rejects.toMatchObject(notAMember);
    await expect(invite(chat.ports, target('alice'), alice)).rejects.toMatchObject(notAMember);
    await expect(restrict(alice)).rejects.toMatchObject(notAMember);
    await expect(createGroup(chat.ports, { group_name: 'team' }, alice)).rejects.toMatchObject({
      code: 'name_taken',
    });
    await joinGroup(chat.ports, group, alice);
    await expect(restrict(alice)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  test('a member of an earlier group of that name does not act in this one', async () => {
    Object.assign(chat.state.members['#team'] ?? {}, { alice: { ...rowOf('alice'), generation: 7 } });
    await expect(restrict(alice)).rejects.toMatchObject(notAMember);
  });
});

describe('every group with members has an owner', () => {
  const headless = () => {
    delete chat.state.members['#team']?.alice;
  };

  test('if its owner is not a member, the next attempt to administer it appoints the heir', async () => {
    headless();
    await expect(restrict(bob)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(owner()).toBe('carol');
    await restrict(carol);
    expect(chat.state.names.team?.inviteOnly).toBe(true);
  });

  test('if it has no owner on record, the next attempt to administer it appoints the heir', async () => {
    headless();
    delete chat.state.names.team?.owner;
    await restrict(carol);
    expect(owner()).toBe('carol');
  });

  test("whichever step of the owner's leaving is the last", async () => {
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => Promise.reject(new Error('dies')));
      const died = await leave(alice, ports).then(
        () => false,
        () => true,
      );
      await expectHead();
      if (!died && calls() <= nth) break;
      expect(nth).toBeLessThan(50);
    }
  });

  test.each([
    ['the heir leaves', () => leave(carol)],
    ['the heir is removed', () => removeMember(chat.ports, { ...group, username: 'carol' }, alice)],
    ['everybody else leaves', async () => void (await Promise.all([leave(bob), leave(carol)]))],
    ['somebody joins', () => joinGroup(chat.ports, group, chat.online('dora', 'd1'))],
  ])('even if, between any two steps, %s', async (_, happens) => {
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => happens().catch(() => {}));
      await leave(alice, ports);
      const left = chat.membersOf('team');
      if (left.length > 0) expect(left).toContain(owner());
      await expectHead();
      if (calls() <= nth) break;
      expect(nth).toBeLessThan(50);
    }
  });

  async function begin() {
    chat.state.members['#team'] = {};
    delete chat.state.names.team;
    await createGroup(chat.ports, { group_name: 'team' }, alice);
    for (const who of [carol, bob]) await joinGroup(chat.ports, group, who);
  }

  /** Each member asks to administer; then exactly one may, and is a member. */
  async function expectHead() {
    const members = chat.membersOf('team');
    const callers = members.map((name) => ({ ...alice, connectionId: `${name[0]}1` }));
    const outcomes = await Promise.all(
      callers.map((who) =>
        restrict(who).then(
          () => 'done',
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    expect(outcomes.filter((each) => each === 'done')).toHaveLength(Math.min(1, members.length));
    if (members.length > 0) expect(members).toContain(owner());
  }
});

describe('an operator hands the group over', () => {
  const hand = (to: string, ports = chat.ports) => appointOwner(ports, 'team', to);

  test('to a member, who may then do all that the owner could; a repeat changes nothing', async () => {
    for (const _ of [1, 2]) await hand('bob');
    expect(owner()).toBe('bob');
    await restrict(bob);
    await expect(restrict(alice)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(chat.membersOf('team')).toEqual(['alice', 'bob', 'carol']);
  });

  test('not to a user who is not a member, and adds nobody', async () => {
    await expect(hand('dora')).rejects.toMatchObject(notAMember);
    await expect(hand('nobody')).rejects.toMatchObject(notAMember);
    await expect(appointOwner(chat.ports, 'nowhere', 'bob')).rejects.toMatchObject({ code: 'unknown_group' });
    await expect(appointOwner(chat.ports, 'bob', 'bob')).rejects.toMatchObject({ code: 'unknown_group' });
    expect(owner()).toBe('alice');
    expect(chat.membersOf('team')).toEqual(['alice', 'bob', 'carol']);
  });

  test('also if the owner’s row is gone', async () => {
    delete chat.state.members['#team']?.alice;
    await hand('bob');
    expect(owner()).toBe('bob');
  });

  // The member's row is read, then the group passes on: at each call they may have left.
  test.each([0, 1, 2, 3])('to one who is a member then, though they leave before call %d', async (nth) => {
    const { ports } = chat.interrupted(nth, () => leave(bob));
    await hand('bob', ports).catch((error) => {
      if (!(error instanceof OutcomeUnknown)) expect(error).toMatchObject(notAMember);
    });
    expect(chat.membersOf('team')).toContain(owner());
  });
});

describe('an owner hands the group over', () => {
  const hand = (to: string, ports = chat.ports, by = alice) =>
    setOwner(ports, { ...group, username: to }, by);
  const hasOwner = async () => {
    const members = chat.membersOf('team');
    const callers = members.map((name) => ({ ...alice, connectionId: `${name[0]}1` }));
    // Whoever died may have left it to the next who asks.
    for (const who of callers) await restrict(who).catch(() => {});
    expect(members).toContain(owner());
  };

  test('to a member, who may then do all that the owner could; a repeat changes nothing', async () => {
    for (const _ of [1, 2]) expect(await hand('bob')).toEqual({ ...group, username: 'bob' });
    expect(owner()).toBe('bob');
    await restrict(bob);
    await expect(restrict(alice)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hand('carol')).rejects.toMatchObject({ code: 'not_allowed' });
    await hand('alice', chat.ports, bob);
    expect(owner()).toBe('alice');
    await hand('alice');
    expect(chat.membersOf('team')).toEqual(['alice', 'bob', 'carol']);
  });

  test('and only the owner does', async () => {
    for (const to of ['bob', 'carol'])
      await expect(hand(to, chat.ports, bob)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hand('bob', chat.ports, chat.online('dora', 'd1'))).rejects.toMatchObject(notAMember);
    const nowhere = setOwner(chat.ports, { group_id: 'nowhere', username: 'bob' }, alice);
    await expect(nowhere).rejects.toMatchObject({ code: 'unknown_group' });
    expect(owner()).toBe('alice');
  });

  test('not to a user who is not a member of this group', async () => {
    Object.assign(chat.state.members['#team'] ?? {}, { bob: { ...rowOf('bob'), generation: 7 } });
    for (const to of ['bob', 'dora', 'nobody']) await expect(hand(to)).rejects.toMatchObject(notAMember);
    expect(owner()).toBe('alice');
  });

  test('and both of them are told on their devices, once; nobody is whose group it stays', async () => {
    chat.online('alice', 'a2', 'text');
    chat.online('bob', 'b2');
    for (const _ of [1, 2]) await hand('bob');
    const told = { type: 'OWNER_CHANGED', group_id: 'team', owner: 'bob', by: 'alice' };
    for (const id of ['b1', 'b2']) expect(chat.framesOf(id)).toEqual([told]);
    expect(chat.framesOf('a2')).toEqual(['owner_changed team bob alice']);
    for (const id of ['a1', 'c1']) expect(chat.framesOf(id)).toEqual([]);
  });

  const begin = async () => {
    chat.state.members['#team'] = {};
    delete chat.state.names.team;
    await createGroup(chat.ports, { group_name: 'team' }, alice);
    for (const who of [carol, bob]) await joinGroup(chat.ports, group, who);
  };

  test('and there is one at every moment, whichever step is the last; a repeat completes it', async () => {
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => {
        expect(['alice', 'bob']).toContain(owner());
        return Promise.reject(new Error('dies'));
      });
      await hand('bob', ports).catch(() => {});
      expect(['alice', 'bob']).toContain(owner());
      await hand('bob');
      expect(owner()).toBe('bob');
      if (calls() <= nth) break;
      expect(nth).toBeLessThan(50);
    }
  });

  test.each([
    ['they leave', () => leave(bob)],
    ['they are removed', () => removeMember(chat.ports, { ...group, username: 'bob' }, alice)],
    ['the owner leaves', () => leave(alice)],
    ['it is handed to another', () => hand('carol')],
    ['everybody else leaves', async () => void (await Promise.all([leave(bob), leave(carol)]))],
  ])('even if, between any two steps, %s', async (_, happens) => {
    for (let nth = 0; ; nth++) {
      await begin();
      const { ports, calls } = chat.interrupted(nth, () => happens().catch(() => {}));
      const outcome = await hand('bob', ports).then(
        () => 'done',
        (error) => error,
      );
      if (outcome !== 'done' && !(outcome instanceof OutcomeUnknown))
        expect(outcome.code).toMatch(/^not_(allowed|a_member)$/);
      await hasOwner();
      if (calls() <= nth) break;
      expect(nth).toBeLessThan(50);
    }
  });
});

describe('who became the owner is told', () => {
  const told = { type: 'OWNER_CHANGED', group_id: 'team', owner: 'carol' };
  const toldOf = (id: string) => chat.framesOf(id).filter((frame) => (frame as { owner?: string }).owner);

  test('because the owner left: they alone, once', async () => {
    await leave(alice);
    expect(toldOf('c1')).toEqual([told]);
    for (const id of ['a1', 'b1']) expect(toldOf(id)).toEqual([]);
  });

  test('because the owner was found to be gone, also who asked', async () => {
    delete chat.state.members['#team']?.alice;
    await restrict(carol);
    expect(toldOf('c1')).toEqual([told]);
  });

  test('because an operator gave it to them, and who owned it until then', async () => {
    await appointOwner(chat.ports, 'team', 'carol');
    for (const id of ['a1', 'c1']) expect(toldOf(id)).toEqual([told]);
    expect(toldOf('b1')).toEqual([]);
  });

  test('if they are there: who is away costs nothing more, and sees it in the list', async () => {
    const state = chat.state.inboxes.carol as { pending: object; connections: object };
    state.connections = {};
    await leave(alice);
    expect(state.pending).toEqual({});
    const { members } = await listMembers(chat.ports, group, bob);
    expect(members.find(({ role }) => role === 'owner')?.username).toBe('carol');
  });
});
