import { describe, expect, test } from 'vitest';
import {
  INBOX_POINTERS,
  type Invitation,
  type LogEntry,
  type Member,
  type Name,
  type OverflowPointer,
} from '../../chat/model.ts';
import type {
  Connections,
  Directory,
  History,
  Inboxes,
  Invitations,
  Members,
  Overflow,
} from '../../chat/ports.ts';
import { limits } from '../../protocol/index.ts';
import type { StorePorts } from '../../store/tables.ts';
import {
  copiesContract,
  credentialsContract,
  epochsContract,
  levelsContract,
  profilesContract,
  sessionsContract,
  verdictsContract,
} from './identity-contract.ts';

type Contracts<P> = Readonly<Record<string, (port: () => P) => void>>;

/** Does not compile if a port has none. */
const contracts: { [P in keyof StorePorts]: Contracts<StorePorts[P]> } = {
  directory: { names: directoryContract, settings: settingsContract, groups: groupsContract },
  connections: { connections: connectionsContract },
  inboxes: { inboxes: inboxesContract, epochs: epochsContract },
  overflow: { overflow: overflowContract },
  members: { members: membersContract },
  invitations: { invitations: invitationsContract },
  history: { history: historyContract },
  credentials: { credentials: credentialsContract },
  profiles: { profiles: profilesContract },
  sessions: { sessions: sessionsContract },
  rateLimits: { 'rate limits': levelsContract },
  copies: { copies: copiesContract },
  verdicts: { verdicts: verdictsContract },
};

/**
 * What the rules rely on in whatever keeps their data (chat/ports.ts). The tests share one store, which need
 * not be empty: each takes names that nobody else has.
 * @param ports asked for within tests only
 */
export function storeContract(ports: () => StorePorts): void {
  for (const name of Object.keys(contracts) as (keyof StorePorts)[]) portContract(name, () => ports()[name]);
}

function portContract<P extends keyof StorePorts>(name: P, port: () => StorePorts[P]): void {
  const called = new Set<string>();
  const noted = () =>
    new Proxy<StorePorts[P]>(port(), {
      get(target, method) {
        called.add(String(method));
        return Reflect.get(target, method);
      },
    });
  for (const [what, contract] of Object.entries<(port: () => StorePorts[P]) => void>(contracts[name]))
    describe(what, () => contract(noted));
  // Last, as it looks at what the others called.
  test(`each method of ${name} has a case`, () => {
    const methods = Object.entries(port()).filter(([, each]) => typeof each === 'function');
    expect(methods.map(([method]) => method).filter((method) => !called.has(method))).toEqual([]);
  });
}

let fresh = 0;
const unique = (word: string) => `${word}${++fresh}`;

function directoryContract(directory: () => Directory): void {
  const claimOf = (name: string, attemptId: string): Name => ({ name, kind: 'user', created: 1, attemptId });

  test('when several callers claim a name at once, one gets it and all are told which', async () => {
    const name = unique('ann');
    const claims = ['a', 'b', 'c', 'd'].map((attemptId) => claimOf(name, attemptId));
    const answers = await Promise.all(claims.map((claim) => directory().reserve(claim)));
    const holder = await directory().get(name, 'user');
    expect(claims).toContainEqual(holder);
    expect(answers).toEqual(claims.map(() => holder));
  });

  test('a name that nobody claimed is not found', async () => {
    await expect(directory().get(unique('nobody'), 'user')).resolves.toBeUndefined();
  });

  test('a group keeps its owner', async () => {
    const group: Name = { name: unique('team'), kind: 'group', created: 2, owner: 'ann', attemptId: 'm' };
    await expect(directory().reserve(group)).resolves.toEqual(group);
    await expect(directory().get(group.name, 'group')).resolves.toEqual(group);
  });
}

function settingsContract(directory: () => Directory): void {
  const aGroup = async () => {
    const group: Name = { name: unique('team'), kind: 'group', created: 2, owner: 'ann', attemptId: 'm' };
    await directory().reserve(group);
    return group;
  };

  test('it is noted that there are invitations and removal records', async () => {
    const group = await aGroup();
    for (const what of ['hasInvited', 'hasRemoved', 'hasInvited'] as const)
      await expect(directory().note(group, what)).resolves.toBe(true);
    const noted = { ...group, hasInvited: true, hasRemoved: true };
    await expect(directory().get(group.name, 'group')).resolves.toEqual(noted);
  });

  test('many groups are found by name, and nothing else', async () => {
    const groups = [await aGroup(), await aGroup()];
    const user: Name = { name: unique('ann'), kind: 'user', created: 1, attemptId: 'a' };
    if (!directory().areApart) await directory().reserve(user);
    const found = await directory().getMany([...groups.map(({ name }) => name), user.name, unique('none')]);
    expect(found).toEqual(new Map(groups.map((group) => [group.name, group])));
    await expect(directory().getMany([])).resolves.toEqual(new Map());
  });

  test('a group can be restricted and opened again, and settings of an unknown group are refused', async () => {
    const group = await aGroup();
    await expect(directory().updateSettings(group, { inviteOnly: true })).resolves.toBe(true);
    await expect(directory().get(group.name, 'group')).resolves.toEqual({ ...group, inviteOnly: true });
    await expect(directory().updateSettings(group, { inviteOnly: false })).resolves.toBe(true);
    await expect(directory().get(group.name, 'group')).resolves.toEqual({ ...group, inviteOnly: false });
    const none = { name: unique('none'), attemptId: 'm' };
    await expect(directory().updateSettings(none, { inviteOnly: true })).resolves.toBe(false);
    await expect(
      directory().updateSettings({ ...group, attemptId: 'of before' }, { inviteOnly: true }),
    ).resolves.toBe(false);
    await expect(directory().get(group.name, 'group')).resolves.toEqual({ ...group, inviteOnly: false });
    await expect(directory().note(none, 'hasInvited')).resolves.toBe(false);
    await expect(directory().get(none.name, 'group')).resolves.toBeUndefined();
  });
}

function groupsContract(directory: () => Directory): void {
  const aGroup = async (more: Partial<Name> = {}) => {
    const group: Name = {
      name: unique('team'),
      kind: 'group',
      created: 2,
      attemptId: 'm',
      members: 0,
      ...more,
    };
    await directory().reserve(group);
    return group;
  };
  const nextOf = (group: Name): Name => ({ ...group, attemptId: 'next', generation: 1, first: 7 });

  test('a name can be taken over only by the attempt that announced it, and a repeat succeeds', async () => {
    const group = await aGroup({ inviteOnly: true });
    const next = nextOf(group);
    await expect(directory().takeOver(group, next)).resolves.toBe(false);
    await expect(directory().startTakeover(group, 'next')).resolves.toBe(true);
    await expect(directory().takeOver(group, { ...next, attemptId: 'other' })).resolves.toBe(false);
    await expect(directory().takeOver(group, next)).resolves.toBe(true);
    await expect(directory().takeOver(group, next)).resolves.toBe(true);
    await expect(directory().get(group.name, 'group')).resolves.toEqual(next);
    await expect(directory().startTakeover(group, 'late')).resolves.toBe(false);
  });

  test('when several attempts want a name at once, only one takes it over', async () => {
    const group = await aGroup();
    const attempts = ['a', 'b', 'c'];
    await Promise.all(attempts.map((attemptId) => directory().startTakeover(group, attemptId)));
    const taken = await Promise.all(
      attempts.map((attemptId) => directory().takeOver(group, { ...group, attemptId })),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('a join, a cancellation or a recount stops a takeover', async () => {
    for (const stop of [
      async (group: Name) => {
        const there = { ...group, members: 1, counted: 'ann' };
        await expect(directory().count(group, 1, 'ann')).resolves.toEqual(there);
      },
      async (group: Name) => {
        await expect(directory().cancelTakeover(group)).resolves.toBe(true);
        await expect(directory().get(group.name, 'group')).resolves.toEqual(group);
      },
      async (group: Name) => {
        await expect(directory().recount(group, 1, 'r', 9)).resolves.not.toHaveProperty('wanted');
      },
    ]) {
      const group = await aGroup();
      await directory().startTakeover(group, 'next');
      await stop(group);
      await expect(directory().takeOver(group, nextOf(group))).resolves.toBe(false);
    }
  });

  test('a member who leaves, or who never joined, does not stop a takeover', async () => {
    const group = await aGroup({ members: 1 });
    await directory().startTakeover(group, 'next');
    const left = { ...group, members: 0, wanted: 'next', counted: 'ann' };
    await expect(directory().count(group, -1, 'ann')).resolves.toEqual(left);
    await expect(directory().count(group, 0, 'bob')).resolves.toEqual({ ...left, counted: 'bob' });
    await expect(directory().takeOver(group, nextOf(group))).resolves.toBe(true);
  });

  test('a group takes no more members than its limit, also when many join at once, and counts each once', async () => {
    const group = await aGroup({ members: 3 });
    const come = ['a', 'b', 'c', 'd'].map((attemptId) => directory().count(group, 1, attemptId, 5));
    const refused = (await Promise.all(come)).filter((each) => each?.refused === 'full');
    expect(refused).toHaveLength(2);
    await expect(directory().count(group, -1, 'e', 5)).resolves.toMatchObject({
      refused: 'full',
      members: 5,
    });
    for (let time = 0; time < 2; time++)
      await expect(directory().count(group, -1, 'f')).resolves.toEqual({
        ...group,
        members: 4,
        counted: 'f',
      });
  });

  test('a recount applies only if nobody was counted since, and a caller that has not seen it is not counted', async () => {
    const group = await aGroup({ members: 7 });
    const once = await directory().count(group, 1, 'a');
    await directory().count(group, -1, 'b');
    for (const stale of [group, once as Name])
      await expect(directory().recount(stale, 2, 'r', 9)).resolves.toBeUndefined();
    const now = (await directory().get(group.name, 'group')) as Name;
    const recounted = { ...group, members: 2, counted: 'r', recounts: 1, recounted: 9 };
    for (let time = 0; time < 2; time++)
      await expect(directory().recount(now, 2, 'r', 9)).resolves.toEqual(recounted);
    await expect(directory().count(group, 1, 'c')).resolves.toEqual({ ...recounted, refused: 'recounted' });
    await expect(directory().count(recounted, 1, 'c')).resolves.toMatchObject({ members: 3, counted: 'c' });
    const again = { ...recounted, members: 3, counted: 'c' };
    await expect(directory().recount(again, 8, 's', 10)).resolves.toMatchObject({ members: 8, recounts: 2 });
    await expect(directory().count(recounted, 1, 'd')).resolves.toMatchObject({ refused: 'recounted' });
  });

  test('ownership passes on once', async () => {
    const group = await aGroup({ owner: 'ann' });
    await expect(directory().passOwnership(group, 'ann', 'bob')).resolves.toEqual({ ...group, owner: 'bob' });
    await expect(directory().passOwnership(group, 'ann', 'cem')).resolves.toEqual({ ...group, owner: 'bob' });
    const nobodys = await aGroup();
    await expect(directory().passOwnership(nobodys, undefined, 'bob')).resolves.toEqual({
      ...nobodys,
      owner: 'bob',
    });
  });

  test('changes to a group are refused once its name belongs to another group or to a user', async () => {
    for (const kind of ['group', 'user'] as const) {
      const group = await aGroup({ owner: 'ann', members: 1 });
      const next = { ...nextOf(group), kind };
      await directory().startTakeover(group, 'next');
      await directory().takeOver(group, next);
      for (const more of [1, 0, -1] as const)
        await expect(directory().count(group, more, 'bob')).resolves.toBeUndefined();
      await expect(directory().cancelTakeover(group)).resolves.toBe(false);
      await expect(directory().passOwnership(group, 'ann', 'bob')).resolves.toBeUndefined();
      for (const what of ['hasInvited', 'hasRemoved'] as const)
        await expect(directory().note(group, what)).resolves.toBe(false);
      await directory().updateSettings(group, { inviteOnly: true });
      await expect(directory().recount(group, 5, 'r', 9)).resolves.toBeUndefined();
      await expect(directory().get(group.name, 'group')).resolves.toEqual(next);
    }
  });

  test('a removed user is barred from that group until the bar is lifted', async () => {
    const group = await aGroup();
    await expect(directory().isBarred(group, 'bob')).resolves.toBe(false);
    await directory().bar(group, 'bob');
    await expect(directory().isBarred(group, 'bob')).resolves.toBe(true);
    await expect(directory().isBarred(group, 'ann')).resolves.toBe(false);
    await expect(directory().isBarred({ ...group, attemptId: 'next' }, 'bob')).resolves.toBe(false);
    await directory().unbar(group, 'bob');
    await directory().unbar(group, 'bob');
    await expect(directory().isBarred(group, 'bob')).resolves.toBe(false);
  });

  test('a bar on the current group survives late changes to an earlier group of the same name', async () => {
    const before = await aGroup();
    const now = nextOf(before);
    await directory().bar(before, 'bob');
    await directory().bar(now, 'bob');
    await directory().bar(before, 'bob');
    await directory().unbar(before, 'bob');
    await expect(directory().isBarred(now, 'bob')).resolves.toBe(true);
    await expect(directory().isBarred(before, 'bob')).resolves.toBe(false);
    await directory().unbar({ name: now.name }, 'bob');
    await expect(directory().isBarred(now, 'bob')).resolves.toBe(false);
  });
}

function connectionsContract(connections: () => Connections): void {
  test('a connection belongs to one user until it is unbound, however often they log in', async () => {
    const [id, ann, bob] = [unique('c'), unique('ann'), unique('bob')];
    await expect(connections().get(id)).resolves.toBeUndefined();
    await expect(connections().bind(id, { username: ann, form: 'json' }, 0)).resolves.toEqual({});
    await expect(connections().bind(id, { username: bob, form: 'json' }, 1)).resolves.toBe(false);
    await expect(connections().bind(id, { username: ann, form: 'text' }, 2)).resolves.toEqual({
      before: { username: ann, form: 'json' },
    });
    await expect(connections().get(id)).resolves.toHaveProperty('username', ann);
    await connections().unbind(id, bob);
    await expect(connections().get(id)).resolves.toHaveProperty('username', ann);
    await connections().unbind(id, ann);
    await connections().unbind(id, ann);
    await expect(connections().get(id)).resolves.toBeUndefined();
    await expect(connections().bind(id, { username: bob, form: 'json' }, 3)).resolves.toEqual({});
  });

  test('a replaced login is restored only while the row is still of the login that replaced it', async () => {
    const [id, ann] = [unique('c'), unique('ann')];
    const before = { username: ann, form: 'json', session: 's1', login: 'l1' } as const;
    const after = { ...before, session: 's2', login: 'l2' };
    await connections().bind(id, before, 0);
    await expect(connections().bind(id, after, 1)).resolves.toEqual({ before });
    await connections().restore(id, before, 'l3', 2);
    await expect(connections().get(id)).resolves.toEqual(after);
    await connections().restore(id, before, 'l2', 3);
    await expect(connections().get(id)).resolves.toEqual(before);
    await connections().unbind(id, ann);
    await connections().restore(id, before, 'l1', 4);
    await expect(connections().get(id)).resolves.toBeUndefined();
  });
}

function inboxesContract(inboxes: () => Inboxes): void {
  const device = { form: 'json', since: 5, login: 'l1' } as const;
  const pendingOf = async (user: string) =>
    Object.fromEntries((await inboxes().getMany([user])).get(user)?.pending ?? []);

  test('connections are added and removed one by one', async () => {
    const user = unique('ann');
    const text = { form: 'text', since: 6, login: 'l2' } as const;
    await expect(inboxes().connect(user, 'c1', device)).resolves.toEqual(inboxOf({ c1: device }));
    await expect(inboxes().connect(user, 'c2', text)).resolves.toEqual(inboxOf({ c1: device, c2: text }));
    await expect(inboxes().disconnect(user, 'c1', 7)).resolves.toEqual({
      ...inboxOf({ c2: text }),
      lastSeen: 7,
    });
    // Who was not there was not seen.
    await expect(inboxes().disconnect(user, 'c1', 8)).resolves.toEqual({
      ...inboxOf({ c2: text }),
      lastSeen: 7,
    });
    await expect(inboxes().disconnect(user, 'c2', 9)).resolves.toEqual({ ...inboxOf({}), lastSeen: 9 });
  });

  test('a user without an inbox has an empty one that says so, and disconnecting creates none', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const missing = { ...inboxOf({}), missing: true };
    await expect(inboxes().disconnect(ann, 'c1', 7)).resolves.toEqual(missing);
    await inboxes().create(bob);
    await expect(inboxes().getMany([ann, bob])).resolves.toEqual(
      new Map<string, unknown>([
        [ann, missing],
        [bob, inboxOf({})],
      ]),
    );
    await expect(inboxes().getMany([])).resolves.toEqual(new Map());
  });

  test('more inboxes are read at once than fit into one request to the database', async () => {
    const users = Array.from({ length: 210 }, () => unique('u'));
    await inboxes().connect(users[205] as string, 'c1', device);
    const found = await inboxes().getMany(users);
    expect([...found.keys()]).toEqual(users);
    expect([...found].filter(([, inbox]) => inbox.connections.size > 0)).toEqual([
      [users[205], inboxOf({ c1: device })],
    ]);
  });

  test('each chat keeps the lowest pending seq', async () => {
    const user = unique('ann');
    await expect(inboxes().markPending(user, '#team', 5)).resolves.toBeUndefined();
    await expect(inboxes().markPending(user, '#team', 3)).resolves.toBeUndefined();
    await expect(inboxes().markPending(user, 'ann:bob', 9)).resolves.toBeUndefined();
    const owed = { '#team': 3, 'ann:bob': 9 };
    await expect(inboxes().markPending(user, '#team', 3)).resolves.toEqual(inboxOf({}, owed));
    await expect(inboxes().markPending(user, '#team', 7)).resolves.toEqual(inboxOf({}, owed));
    await expect(inboxes().connect(user, 'c1', device)).resolves.toEqual(inboxOf({ c1: device }, owed));
  });

  test('nothing is marked pending for a connected user, and the caller is told their connections', async () => {
    const user = unique('ann');
    await inboxes().connect(user, 'c1', device);
    await expect(inboxes().markPending(user, '#team', 1)).resolves.toEqual(inboxOf({ c1: device }));
    await inboxes().disconnect(user, 'c1', 7);
    await expect(inboxes().markPending(user, '#team', 1)).resolves.toBeUndefined();
  });

  test('when a login meets a message being marked pending, the later one sees the earlier', async () => {
    for (let round = 0; round < 10; round++) {
      const user = unique('ann');
      const [inbox, stood] = await Promise.all([
        inboxes().connect(user, 'c1', device),
        inboxes().markPending(user, '#team', 1),
      ]);
      expect(inbox.pending.has('#team')).toBe(stood === undefined);
      expect(stood?.connections.has('c1') ?? true).toBe(true);
    }
  });

  test('acknowledged pointers are removed, or moved on to the next seq', async () => {
    const user = unique('ann');
    await inboxes().markPending(user, '#team', 3);
    await inboxes().markPending(user, 'ann:bob', 1);
    await inboxes().markPending(user, '#other', 4);
    await inboxes().connect(user, 'c1', device);
    const handed = [{ chat: '#team' }, { chat: 'ann:bob', to: 8 }];
    await expect(inboxes().ackPending(user, 'c1', 'l1', handed)).resolves.toBe(true);
    await expect(pendingOf(user)).resolves.toEqual({ 'ann:bob': 8, '#other': 4 });
    // As the SDK may repeat it.
    await expect(inboxes().ackPending(user, 'c1', 'l1', handed)).resolves.toBe(true);
    await expect(inboxes().ackPending(user, 'c1', 'l1', [])).resolves.toBe(true);
    await expect(pendingOf(user)).resolves.toEqual({ 'ann:bob': 8, '#other': 4 });
  });

  test('only the login in the inbox can acknowledge', async () => {
    const user = unique('ann');
    const settled = (connectionId: string, login: string, who = user) =>
      inboxes().ackPending(who, connectionId, login, [{ chat: '#team' }]);
    await inboxes().markPending(user, '#team', 3);
    await expect(settled('c1', 'l1')).resolves.toBe(false);
    await inboxes().connect(user, 'c2', device);
    await expect(settled('c1', 'l1')).resolves.toBe(false);
    await inboxes().connect(user, 'c1', device);
    await inboxes().connect(user, 'c1', { ...device, login: 'l2' });
    await expect(settled('c1', 'l1')).resolves.toBe(false);
    const nobody = unique('bob');
    await expect(settled('c1', 'l1', nobody)).resolves.toBe(false);
    // An update makes an item that is not there: of a key alone, nothing could be owed in it.
    await expect(inboxes().ackPending(nobody, 'c1', 'l1', [])).resolves.toBe(false);
    await expect(inboxes().markPending(nobody, '#team', 3)).resolves.toBeUndefined();
    await expect(pendingOf(user)).resolves.toEqual({ '#team': 3 });
    await expect(settled('c1', 'l2')).resolves.toBe(true);
    await expect(pendingOf(user)).resolves.toEqual({});
  });

  test('a login is noted as back with an acknowledgement or alone, and the next login is not', async () => {
    const user = unique('ann');
    const devices = async () =>
      Object.fromEntries((await inboxes().getMany([user])).get(user)?.connections ?? []);
    await inboxes().markPending(user, '#team', 3);
    await inboxes().connect(user, 'c1', device);
    const back = (login: string, ...chats: string[]) =>
      inboxes().ackPending(
        user,
        'c1',
        login,
        chats.map((chat) => ({ chat })),
        undefined,
        'and is back',
      );
    await expect(back('l0')).resolves.toBe(false);
    await expect(devices()).resolves.toEqual({ c1: device });
    await expect(back('l1')).resolves.toBe(true);
    await expect(devices()).resolves.toEqual({ c1: { ...device, back: true } });
    await inboxes().connect(user, 'c1', { ...device, login: 'l2' });
    await expect(devices()).resolves.toEqual({ c1: { ...device, login: 'l2' } });
    await expect(pendingOf(user)).resolves.toEqual({ '#team': 3 });
    await expect(back('l2', '#team')).resolves.toBe(true);
    await expect(devices()).resolves.toEqual({ c1: { ...device, login: 'l2', back: true } });
    await expect(pendingOf(user)).resolves.toEqual({});
  });

  test('a full inbox takes no pointers of other chats, but lower seqs of its own', async () => {
    const user = unique('ann');
    const chats = Array.from({ length: INBOX_POINTERS }, (_, i) => `#${'g'.repeat(28)}${i}`);
    for (const chat of chats) {
      expect((await inboxes().getMany([user])).get(user)).not.toHaveProperty('full');
      await expect(inboxes().markPending(user, chat, 5)).resolves.toBeUndefined();
    }
    const full = { pending: new Map(chats.map((chat) => [chat, 5])), full: true };
    await expect(inboxes().markPending(user, '#one-more', 5)).resolves.toMatchObject(full);
    await expect(inboxes().markPending(user, chats[0] as string, 3)).resolves.toBeUndefined();
    await inboxes().connect(user, 'c1', device);
    const handed = chats.map((chat) => ({ chat }));
    await expect(inboxes().ackPending(user, 'c1', 'l1', handed)).resolves.toBe(true);
    await expect(pendingOf(user)).resolves.toEqual({});
  });

  test('an overflow starts once, while nobody is connected, and only the current login ends it', async () => {
    const user = unique('ann');
    const overflowOf = async () => (await inboxes().getMany([user])).get(user)?.overflow;
    await inboxes().create(user);
    await expect(inboxes().startOverflow(user, 'o1')).resolves.toBeUndefined();
    // As the SDK may repeat it.
    await expect(inboxes().startOverflow(user, 'o1')).resolves.toBeUndefined();
    await expect(inboxes().startOverflow(user, 'o2')).resolves.toEqual({ ...inboxOf({}), overflow: 'o1' });
    const inbox = { ...inboxOf({ c1: device }), overflow: 'o1' };
    await expect(inboxes().connect(user, 'c1', device)).resolves.toEqual(inbox);
    const settled = (connection: string, login: string, of = user) =>
      inboxes().ackPending(of, connection, login, [], 'and the overflow');
    await expect(settled('c1', 'l0')).resolves.toBe(false);
    await expect(settled('c2', 'l1')).resolves.toBe(false);
    await expect(settled('c1', 'l1', unique('bob'))).resolves.toBe(false);
    await expect(inboxes().ackPending(user, 'c1', 'l1', [])).resolves.toBe(true);
    await expect(overflowOf()).resolves.toBe('o1');
    // As the SDK may repeat it.
    await expect(settled('c1', 'l1')).resolves.toBe(true);
    await expect(settled('c1', 'l1')).resolves.toBe(true);
    await expect(overflowOf()).resolves.toBeUndefined();
    await expect(inboxes().startOverflow(user, 'o2')).resolves.toEqual(inboxOf({ c1: device }));
  });

  test('one update acknowledges pointers and the overflow, and moves a pointer into a full inbox', async () => {
    const user = unique('ann');
    const chats = Array.from({ length: INBOX_POINTERS }, (_, i) => `#g${i}`);
    for (const chat of chats) await inboxes().markPending(user, chat, 5);
    await inboxes().startOverflow(user, 'o1');
    await inboxes().connect(user, 'c1', device);
    const [first = '', second = '', ...rest] = chats;
    const moves = [
      { chat: first },
      { chat: second, to: 7 },
      { chat: 'ann:bob', to: 9, instead: true as const },
    ];
    await expect(inboxes().ackPending(user, 'c1', 'l0', moves, 'and the overflow')).resolves.toBe(false);
    const inbox = async () => (await inboxes().getMany([user])).get(user);
    expect(await inbox()).toMatchObject({ overflow: 'o1', pending: new Map(chats.map((chat) => [chat, 5])) });
    await expect(inboxes().ackPending(user, 'c1', 'l1', moves, 'and the overflow')).resolves.toBe(true);
    const left = Object.fromEntries(rest.map((chat) => [chat, 5]));
    await expect(pendingOf(user)).resolves.toEqual({ ...left, [second]: 7, 'ann:bob': 9 });
    expect(await inbox()).not.toHaveProperty('overflow');
    // It is full, and takes no other.
    await inboxes().disconnect(user, 'c1', 0);
    await expect(inboxes().markPending(user, '#one-more', 5)).resolves.toMatchObject({ full: true });
  });

  test('forgetting a user removes their overflow', async () => {
    const user = unique('ann');
    await inboxes().create(user);
    await inboxes().startOverflow(user, 'o1');
    await inboxes().forget(user);
    await expect(inboxes().getMany([user])).resolves.toEqual(new Map([[user, inboxOf({})]]));
  });
}

function invitationsContract(invitations: () => Invitations): void {
  const invitation = (username: string, group: string, id = 'i1', generation?: number): Invitation => ({
    ...{ username, group, by: 'ann', at: 5, id, attemptId: 'm' },
    ...(generation !== undefined && { generation }),
  });

  test('an invitation is there until it is removed, and a repeat changes nothing', async () => {
    const bob = unique('bob');
    const it = invitation(bob, 'team');
    await expect(invitations().get(bob, 'team')).resolves.toBeUndefined();
    for (let times = 0; times < 2; times++) await invitations().put(it);
    await expect(invitations().get(bob, 'team')).resolves.toEqual(it);
    await expect(invitations().get(unique('cem'), 'team')).resolves.toBeUndefined();
    for (let times = 0; times < 2; times++) await invitations().remove(it);
    await expect(invitations().get(bob, 'team')).resolves.toBeUndefined();
  });

  test('a late removal of an earlier invitation leaves a later one', async () => {
    const bob = unique('bob');
    const [first, second] = [invitation(bob, 'team'), invitation(bob, 'team', 'i2')];
    for (const each of [first, second]) await invitations().put(each);
    await invitations().remove(first);
    await expect(invitations().get(bob, 'team')).resolves.toEqual(second);
  });

  test('one to a later group of the same name survives a late one to an earlier group', async () => {
    const bob = unique('bob');
    const [before, now] = [invitation(bob, 'team'), invitation(bob, 'team', 'i2', 1)];
    for (const each of [before, now, before]) await invitations().put(each);
    await expect(invitations().get(bob, 'team')).resolves.toEqual(now);
  });

  test('those of a user come page by page, by group', async () => {
    const bob = unique('bob');
    const groups = ['0', 'a', 'team', 'team-2', 'z'];
    for (const group of groups.toReversed()) await invitations().put(invitation(bob, group));
    await invitations().put(invitation(unique('cem'), 'b'));
    const page = async (after: string, limit: number) =>
      (await invitations().page(bob, after, limit)).map(({ group }) => group);
    await expect(page('', 9)).resolves.toEqual(groups);
    await expect(page('', 2)).resolves.toEqual(['0', 'a']);
    await expect(page('a', 2)).resolves.toEqual(['team', 'team-2']);
    await expect(page('z', 2)).resolves.toEqual([]);
    expect(await invitations().page(bob, 'a', 1)).toEqual([invitation(bob, 'team')]);
  });

  test('those to a group come page by page, by user', async () => {
    const group = unique('team');
    const users = ['0', 'amy', 'bob', 'bob-2', 'zoe'];
    for (const user of users.toReversed()) await invitations().put(invitation(user, group, 'i1', 1));
    await invitations().put(invitation('cem', unique('other')));
    const page = async (after: string, limit: number) =>
      (await invitations().pageOf(group, after, limit)).map(({ username }) => username);
    // The index may lag.
    await expect.poll(() => page('', 9)).toEqual(users);
    await expect(page('', 2)).resolves.toEqual(['0', 'amy']);
    await expect(page('amy', 2)).resolves.toEqual(['bob', 'bob-2']);
    await expect(page('zoe', 2)).resolves.toEqual([]);
    expect(await invitations().pageOf(group, 'amy', 1)).toEqual([invitation('bob', group, 'i1', 1)]);
    await invitations().remove(invitation('bob', group));
    await expect.poll(() => page('amy', 2)).toEqual(['bob-2', 'zoe']);
  });
}

function overflowContract(overflow: () => Overflow): void {
  const pointer = (chat: string, from: number, id = 'i1', of = 'o1'): OverflowPointer => ({
    overflow: of,
    chat,
    from,
    id,
  });
  const all = [
    pointer('#b', 1),
    pointer('ann:bob', 9),
    pointer('ann:bob', 10),
    pointer('ann:bob', 10, 'i2'),
    pointer('ann:bob2', 1),
    pointer('ann:carol', 3),
  ];
  const filled = async (user: string) => {
    for (const each of all.toReversed()) await overflow().add(user, each);
  };

  test('pointers come page by page, in the order of chats and seqs, of one overflow and one user', async () => {
    const user = unique('ann');
    await filled(user);
    // As the SDK may repeat it.
    await overflow().add(user, pointer('#b', 1));
    await overflow().add(user, pointer('#b', 1, 'i1', 'o10'));
    await overflow().add(unique('bob'), pointer('#b', 1));
    await expect(overflow().page(user, 'o1', 100)).resolves.toEqual({ pointers: all, more: false });
    await expect(overflow().page(user, 'o1', 2)).resolves.toEqual({ pointers: all.slice(0, 2), more: true });
    const rest = { pointers: all.slice(3), more: false };
    await expect(overflow().page(user, 'o1', 100, all[2])).resolves.toEqual(rest);
    await expect(overflow().page(user, 'o2', 100)).resolves.toEqual({ pointers: [], more: false });
  });

  test('removing a pointer leaves those with another id or seq', async () => {
    const user = unique('ann');
    await filled(user);
    const [, , gone, ...rest] = all;
    for (let times = 0; times < 2; times++) await overflow().remove(user, gone as OverflowPointer);
    const left = [...all.slice(0, 2), ...rest];
    await expect(overflow().page(user, 'o1', 100)).resolves.toEqual({ pointers: left, more: false });
  });

  test('forgetting a user removes the pointers of all their overflows', async () => {
    const [user, other] = [unique('ann'), unique('bob')];
    await filled(user);
    await filled(other);
    await overflow().add(user, pointer('#b', 1, 'i1', 'o2'));
    await overflow().forget(user);
    await overflow().forget(user);
    for (const id of ['o1', 'o2'])
      await expect(overflow().page(user, id, 100)).resolves.toMatchObject({ pointers: [] });
    await expect(overflow().page(other, 'o1', 100)).resolves.toMatchObject({ pointers: all });
  });
}

const inboxOf = (connections: object, pending: object = {}) => ({
  connections: new Map(Object.entries(connections)),
  pending: new Map(Object.entries(pending)),
  epoch: 0,
});

function membersContract(members: () => Members): void {
  const memberOf = (chat: string, username: string, since = 1): Member => ({
    chat,
    username,
    role: 'member',
    since,
  });

  test('joining twice changes nothing, and joining after leaving counts anew', async () => {
    const [chat, ann] = [unique('#team'), unique('ann')];
    await members().join(memberOf(chat, ann, 4));
    await members().join({ ...memberOf(chat, ann, 9), role: 'moderator' });
    await expect(members().get(chat, ann)).resolves.toEqual(memberOf(chat, ann, 4));
    await expect(members().leave({ chat, username: ann })).resolves.toBe(true);
    await expect(members().leave({ chat, username: ann })).resolves.toBe(false);
    await expect(members().get(chat, ann)).resolves.toBeUndefined();
    await members().join(memberOf(chat, ann, 9));
    await expect(members().get(chat, ann)).resolves.toEqual(memberOf(chat, ann, 9));
  });

  test('a peer is added with the first message, and stays as they are', async () => {
    const [chat, ann] = [unique('ann:bob'), unique('ann')];
    await members().addPeer(chat, ann);
    await members().addPeer(chat, ann);
    const peer = { chat, username: ann, role: 'peer', since: 1 };
    await expect(members().get(chat, ann)).resolves.toEqual(peer);
    await members().join(memberOf(chat, ann, 4));
    await members().addPeer(chat, ann);
    await expect(members().get(chat, ann)).resolves.toEqual(peer);
  });

  test('a read mark only moves forward, and only for members', async () => {
    const [chat, ann] = [unique('#team'), unique('ann')];
    await expect(members().markRead(chat, ann, 3)).resolves.toBeUndefined();
    await expect(members().get(chat, ann)).resolves.toBeUndefined();
    await members().join(memberOf(chat, ann));
    await expect(members().markRead(chat, ann, 3)).resolves.toBe(3);
    await expect(members().markRead(chat, ann, 2)).resolves.toBe(3);
    await expect(members().markRead(chat, ann, 3)).resolves.toBe(3);
    await expect(Promise.all([9, 5, 7].map((seq) => members().markRead(chat, ann, seq)))).resolves.toContain(
      9,
    );
    await expect(members().get(chat, ann)).resolves.toEqual({ ...memberOf(chat, ann), read: 9 });
  });

  test('an away note is written for the login version that was read, and lasts until the next login', async () => {
    const chat = unique('#team');
    const row = { ...memberOf(chat, 'ann'), attemptId: 'a' };
    const noteAway = (more: { attemptId?: string; loginVersion?: number }, from: number) =>
      members().markAway({ chat, username: 'ann', ...more }, from);
    await members().join(row);
    for (const other of [{ attemptId: 'b' }, {}, { attemptId: 'a', loginVersion: 1 }])
      await noteAway(other, 3);
    await expect(members().get(chat, 'ann')).resolves.toEqual(row);
    await noteAway(row, 3);
    await expect(members().get(chat, 'ann')).resolves.toEqual({ ...row, away: 3 });
    await expect(members().markBack(chat, 'ann')).resolves.toEqual({ ...row, loginVersion: 1 });
    await noteAway(row, 4);
    await expect(members().get(chat, 'ann')).resolves.toEqual({ ...row, loginVersion: 1 });
    await noteAway({ ...row, loginVersion: 1 }, 4);
    await expect(members().markBack(chat, 'ann', 'l')).resolves.toEqual({
      ...row,
      loginVersion: 2,
      backBy: 'l',
    });
    await expect(members().markBack(chat, 'ann')).resolves.toEqual({ ...row, loginVersion: 3, backBy: 'l' });
  });

  test('a user who is not a member cannot be marked away or back, and a member without an attempt id can', async () => {
    const chat = unique('#team');
    await members().markAway({ chat, username: 'ann' }, 3);
    await expect(members().markBack(chat, 'ann')).resolves.toBeUndefined();
    await expect(members().get(chat, 'ann')).resolves.toBeUndefined();
    await members().join(memberOf(chat, 'bob'));
    await members().markAway({ chat, username: 'bob' }, 3);
    await expect(members().get(chat, 'bob')).resolves.toEqual({ ...memberOf(chat, 'bob'), away: 3 });
  });

  test('when several attempts join one user at once, one succeeds and all are told which', async () => {
    const chat = unique('#team');
    const rows = ['a', 'b', 'c'].map((attemptId) => ({ ...memberOf(chat, 'ann'), attemptId }));
    const answers = await Promise.all(rows.map((row) => members().join(row)));
    const row = await members().get(chat, 'ann');
    expect(answers).toEqual([row, row, row]);
  });

  test('when several callers end a membership at once, one succeeds, and another membership stays', async () => {
    const chat = unique('#team');
    const row = { ...memberOf(chat, 'ann'), attemptId: 'a' };
    await members().join(row);
    for (const other of [{ ...row, attemptId: 'b' }, memberOf(chat, 'ann')])
      await expect(members().leave(other)).resolves.toBe(false);
    await members().markBack(chat, 'ann');
    const gone = await Promise.all([1, 2, 3].map(() => members().leave(row)));
    expect(gone.filter(Boolean)).toHaveLength(1);
    await expect(members().get(chat, 'ann')).resolves.toBeUndefined();
  });

  test('a row is replaced only by a caller that knows its attempt id', async () => {
    const chat = unique('#team');
    const [dead, row] = ['dead', 'new'].map((attemptId) => ({ ...memberOf(chat, 'ann'), attemptId })) as [
      Member,
      Member,
    ];
    await members().join(dead);
    await expect(members().join(row, 'other')).resolves.toEqual(dead);
    await expect(members().join(row, 'dead')).resolves.toEqual(row);
    await expect(members().join(row, 'dead')).resolves.toEqual(row);
  });

  test('a removed user is not a member, and joins again only over the row that the removal left', async () => {
    const [chat, ann] = [unique('#team'), unique('ann')];
    const later = Date.now() + 3_600_000;
    const row = { ...memberOf(chat, ann), attemptId: 'a' };
    const remove = (attemptId: string, over?: string) =>
      members().remove({ chat, username: ann, attemptId }, later, over);
    await members().join(row);
    await members().join(memberOf(chat, 'bob'));
    for (const over of ['other', undefined]) await expect(remove('r', over)).resolves.toEqual(row);
    // It is the same membership after a login.
    await members().markBack(chat, ann);
    // Twice is once.
    for (let time = 0; time < 2; time++)
      await expect(remove('r', 'a')).resolves.toMatchObject({ attemptId: 'r', removed: true });
    await expect(remove('r2', 'r')).resolves.toMatchObject({ attemptId: 'r2', removed: true });
    await expect(members().get(chat, ann)).resolves.toBeUndefined();
    await expect(members().getMany([row])).resolves.toEqual([]);
    await expect(members().page(chat, '', 5)).resolves.toEqual([memberOf(chat, 'bob')]);
    await expect(members().chatsOf(ann)).resolves.toEqual([]);
    await expect(members().groupsOf(ann)).resolves.toEqual([]);
    await expect(members().markRead(chat, ann, 3)).resolves.toBeUndefined();
    await expect(members().markBack(chat, ann)).resolves.toBeUndefined();
    await expect(members().leave(row)).resolves.toBe(false);
    await expect(members().count(chat, undefined)).resolves.toBe(1);
    const back = { ...row, attemptId: 'b' };
    await expect(members().join(back)).resolves.toMatchObject({ attemptId: 'r2', removed: true });
    await expect(members().join(back, 'r')).resolves.toMatchObject({ attemptId: 'r2', removed: true });
    await expect(members().join(back, 'r2')).resolves.toEqual(back);
    await expect(members().groupsOf(ann)).resolves.toEqual([chat]);
  });

  test('a user who is not a member can be removed, and the row that this leaves is not a membership', async () => {
    const [chat, ann] = [unique('#team'), unique('ann')];
    const out = { chat, username: ann, attemptId: 'r' };
    const later = Date.now() + 3_600_000;
    await expect(members().remove(out, later, 'gone')).resolves.toBeUndefined();
    await expect(members().remove(out, later)).resolves.toMatchObject({ attemptId: 'r', removed: true });
    await expect(members().leave(out)).resolves.toBe(false);
    await expect(members().join({ ...memberOf(chat, ann), attemptId: 'a' })).resolves.toHaveProperty(
      'removed',
    );
  });

  test('members are counted by generation', async () => {
    const chat = unique('#team');
    for (const username of ['ann', 'bob']) await members().join(memberOf(chat, username));
    await members().join({ ...memberOf(chat, 'cem'), generation: 1 });
    await expect(members().count(chat, undefined)).resolves.toBe(2);
    await expect(members().count(chat, 1)).resolves.toBe(1);
    await expect(members().count(chat, 2)).resolves.toBe(0);
  });

  test('members come in pages, in the order of their names', async () => {
    const [chat, other] = [unique('#team'), unique('#other')];
    const rows = ['0', 'ann', 'bob', 'zoe'].map((name) => ({ ...memberOf(chat, name), joined: 7 }));
    for (const each of rows.toReversed()) await members().join(each);
    await members().join(memberOf(other, 'carl'));
    await expect(members().page(chat, '', 3)).resolves.toEqual(rows.slice(0, 3));
    await expect(members().page(chat, 'ann', 3)).resolves.toEqual(rows.slice(2));
    await expect(members().page(chat, 'b', 1)).resolves.toEqual(rows.slice(2, 3));
    await expect(members().page(chat, 'zoe', 3)).resolves.toEqual([]);
  });

  test('a page of members has as many as were requested, however large they are', async () => {
    const chat = unique('#team');
    // Four of them are more than one answer of the database.
    const role = 'x'.repeat(300_000) as Member['role'];
    for (const name of ['ann', 'bob', 'eve', 'max', 'zoe'])
      await members().join({ ...memberOf(chat, name), role });
    const found = async (limit: number) =>
      (await members().page(chat, '', limit)).map(({ username }) => username);
    await expect(found(4)).resolves.toEqual(['ann', 'bob', 'eve', 'max']);
    await expect(found(9)).resolves.toEqual(['ann', 'bob', 'eve', 'max', 'zoe']);
  });

  test('members are found by chat, and chats by member', async () => {
    const [team, other, pair] = [unique('#team'), unique('#other'), unique('ann:bob')];
    const [ann, bob] = [unique('ann'), unique('bob')];
    await members().join(memberOf(team, ann));
    await members().join(memberOf(team, bob));
    await members().join(memberOf(other, bob));
    await members().addPeer(pair, ann);
    expect((await members().chatsOf(ann)).toSorted()).toEqual([team, pair].toSorted());
    await expect(members().groupsOf(ann)).resolves.toEqual([team]);
    // `#` is before every letter.
    for (const [range, found] of [
      [{ from: pair }, [pair]],
      [{ to: pair }, [team]],
      [{ from: team, to: pair }, [team]],
      [{ from: `${team}.` }, [pair]],
      [{ from: pair, to: pair }, []],
    ] as const)
      await expect(members().chatsOf(ann, range)).resolves.toEqual(found);
    const keys = [memberOf(team, ann), memberOf(other, ann), memberOf(other, bob)];
    const found = await members().getMany(keys);
    expect(found).toHaveLength(2);
    expect(found).toEqual(expect.arrayContaining([keys[0], keys[2]]));
    const stale = await members().getMany(keys.slice(0, 1), 'eventual');
    expect(stale).toEqual([keys[0]]);
  });
}

function historyContract(history: () => History): void {
  const entryOf = (chat: string, seq: number, content = 'hi'): LogEntry => {
    return { chat, seq, id: unique('id'), sender: 'ann', content, at: 1_000 + seq };
  };
  /** A chat with so many entries. */
  async function written(count: number, content?: string): Promise<{ chat: string; entries: LogEntry[] }> {
    const chat = unique('#team');
    const entries = Array.from({ length: count }, (_, index) => entryOf(chat, index + 1, content));
    for (const entry of entries) await history().put(entry);
    return { chat, entries };
  }

  test('when several entries are put into a slot at once, one gets it and all are told which', async () => {
    const chat = unique('#team');
    const rivals = Array.from({ length: 5 }, () => entryOf(chat, 1));
    const answers = await Promise.all(rivals.map((entry) => history().put(entry)));
    const winner = await history().get(chat, 1);
    expect(rivals).toContainEqual(winner);
    expect(answers).toEqual(rivals.map(() => winner));
  });

  test('an entry is kept unchanged, with the key that its sender chose', async () => {
    const entry = { ...entryOf(unique('#team'), 1, 'a\n\u0000 😀 '), key: 'k1' };
    await expect(history().put(entry)).resolves.toEqual(entry);
    await expect(history().get(entry.chat, 1)).resolves.toEqual(entry);
    await expect(history().get(entry.chat, 2)).resolves.toBeUndefined();
  });

  test('a message has the text of its newest edit, and the ids of all its edits', async () => {
    const { chat, entries } = await written(2);
    await expect(history().edit(chat, 1, 'one', 'm1', 7, 1)).resolves.toMatchObject({ content: 'one' });
    const now = {
      ...entries[0],
      content: 'two',
      changed: { kind: 'edited', at: 8 },
      editIds: ['m1', 'm2'],
      ends: [1, 1],
    };
    await expect(history().edit(chat, 1, 'two', 'm2', 8, 1)).resolves.toEqual(now);
    await expect(history().get(chat, 1)).resolves.toEqual(now);
    await expect(history().get(chat, 2)).resolves.toEqual(entries[1]);
  });

  test('an edit counts once, however often it is repeated, also after later edits', async () => {
    const { chat } = await written(1);
    await history().edit(chat, 1, 'one', 'm1', 7, 1);
    for (const again of ['one', 'other']) {
      const { content, editIds } = (await history().edit(chat, 1, again, 'm1', 8, 1)) ?? {};
      expect([content, editIds]).toEqual(['one', ['m1']]);
    }
    await history().edit(chat, 1, 'two', 'm2', 9, 1);
    await expect(history().edit(chat, 1, 'one', 'm1', 10, 1)).resolves.toMatchObject({
      ...{ content: 'two', changed: { at: 9 }, editIds: ['m1', 'm2'] },
    });
  });

  test('a message takes no more edits than the limit, also when many come at once', async () => {
    const { chat } = await written(1);
    const edits = Array.from({ length: limits.changes + 6 }, (_, index) => `m${index}`);
    const answers = await Promise.all(
      edits.map(async (editId) => ({
        editId,
        editIds: (await history().edit(chat, 1, editId, editId, 7, 1))?.editIds,
      })),
    );
    const isIn = answers.filter(({ editId, editIds }) => editIds?.includes(editId));
    expect(isIn).toHaveLength(limits.changes);
    expect((await history().get(chat, 1))?.editIds?.toSorted()).toEqual(
      isIn.map(({ editId }) => editId).toSorted(),
    );
    await history().erase(chat, 1, 9);
    await expect(history().get(chat, 1)).resolves.toMatchObject({
      content: '',
      changed: { kind: 'deleted' },
    });
  });

  test('a deleted message stays deleted', async () => {
    const { chat } = await written(1);
    await history().edit(chat, 1, 'one', 'm1', 7, 1);
    await history().erase(chat, 1, 8);
    const now = await history().get(chat, 1);
    expect(now).toMatchObject({ content: '', changed: { kind: 'deleted', at: 8 } });
    await expect(history().edit(chat, 1, 'back', 'm2', 9, 1)).resolves.toEqual(now);
    await history().erase(chat, 1, 10);
    await expect(history().get(chat, 1)).resolves.toEqual(now);
  });

  test('when edits meet a deletion, the deletion wins', async () => {
    for (let round = 0; round < 5; round++) {
      const { chat } = await written(1);
      await Promise.all([
        history().edit(chat, 1, 'secret', 'm1', 7, 1),
        history().erase(chat, 1, 8),
        history().edit(chat, 1, 'secret', 'm2', 9, 1),
      ]);
      await expect(history().get(chat, 1)).resolves.toMatchObject({
        content: '',
        changed: { kind: 'deleted' },
      });
    }
  });

  test('editing or deleting an unknown message creates nothing', async () => {
    const chat = unique('#team');
    await expect(history().edit(chat, 1, 'one', 'm1', 7, 1)).resolves.toBeUndefined();
    await history().erase(chat, 1, 8);
    await expect(history().get(chat, 1)).resolves.toBeUndefined();
  });

  test('the newest entries come oldest first, up to a limit', async () => {
    const { chat, entries } = await written(5);
    await expect(history().newest(chat, 2)).resolves.toEqual(entries.slice(3));
    await expect(history().newest(chat, 2, 3)).resolves.toEqual(entries.slice(1, 3));
    await expect(history().newest(chat, 9)).resolves.toEqual(entries);
    await expect(history().newest(chat, 9, 0)).resolves.toEqual([]);
    await expect(history().newest(unique('#none'), 1)).resolves.toEqual([]);
  });

  test('the newest entries above a seq come oldest first, up to a limit', async () => {
    const { chat, entries } = await written(5);
    await expect(history().behind(chat, 2, 9)).resolves.toEqual(entries.slice(2));
    await expect(history().behind(chat, 2, 2)).resolves.toEqual(entries.slice(3));
    await expect(history().behind(chat, 1, 2, { upTo: 4 })).resolves.toEqual(entries.slice(2, 4));
    await expect(history().behind(chat, -1, 9, { consistency: 'eventual' })).resolves.toEqual(entries);
    await expect(history().behind(chat, 5, 9)).resolves.toEqual([]);
    await expect(history().behind(chat, 5, 9, { upTo: 5 })).resolves.toEqual([]);
  });

  test('many entries are read by key, and unknown ones are left out', async () => {
    const [{ chat, entries }, other] = [await written(3), await written(1)];
    const keys = [...[1, 3, 7].map((seq) => ({ chat, seq })), { chat: other.chat, seq: 1 }];
    for (const consistency of ['strong', 'eventual'] as const) {
      const found = await history().getMany(keys, consistency);
      expect(found).toHaveLength(3);
      expect(found).toEqual(expect.arrayContaining([entries[0], entries[2], other.entries[0]]));
      await expect(history().getMany([], consistency)).resolves.toEqual([]);
    }
  });

  test('chats whose logs reach a seq are told apart from the others', async () => {
    const { chat } = await written(3);
    const { chat: longer } = await written(5);
    const none = unique('#none');
    const at = (seq: number) => [chat, longer, none].map((each) => ({ chat: each, seq }));
    await expect(history().reaching(at(3))).resolves.toEqual(new Set([chat, longer]));
    await expect(history().reaching(at(4))).resolves.toEqual(new Set([longer]));
    await expect(history().reaching(at(Number.MAX_SAFE_INTEGER))).resolves.toEqual(new Set());
    await expect(history().reaching(at(0))).resolves.toEqual(new Set());
    await expect(history().reaching([])).resolves.toEqual(new Set());
    const many = Array.from({ length: 250 }, (_, index) => ({ chat: `${none}-${index}`, seq: 1 }));
    await expect(history().reaching([...many, { chat, seq: 1 }])).resolves.toEqual(new Set([chat]));
  });

  test('entries from a seq on come in pages', async () => {
    const { chat, entries } = await written(5);
    await expect(history().from(chat, 2, 2)).resolves.toEqual({ entries: entries.slice(1, 3), more: true });
    await expect(history().from(chat, 4)).resolves.toEqual({ entries: entries.slice(3), more: false });
    await expect(history().from(chat, 0)).resolves.toEqual({ entries, more: false });
    await expect(history().from(chat, 6)).resolves.toEqual({ entries: [], more: false });
  });

  test('a chat larger than one answer of the database is read to its end, backward and forward', async () => {
    const { chat, entries } = await written(80, 'x'.repeat(16 * 1024));
    const ids = (some: readonly LogEntry[]) => some.map(({ id }) => id);
    expect(ids(await history().newest(chat, 80))).toEqual(ids(entries));
    const found: LogEntry[] = [];
    for (let more = true; more; ) {
      const page = await history().from(chat, found.length + 1);
      found.push(...page.entries);
      more = page.more;
    }
    expect(ids(found)).toEqual(ids(entries));
  });
}
