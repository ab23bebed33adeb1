// Groups that end, names that are taken over, members who are removed, each concurrently with other requests.
import { removeMember, setOwner } from '../../chat/groups/moderation.ts';
import type { Name } from '../../chat/model.ts';
import { limits } from '../../protocol/index.ts';
import { callerAt } from '../support/chat.ts';
import type { MemoryState } from '../support/memory.ts';
import { type Actors, alice, bob, carol, opened, writing } from './acts.ts';
import type { Actor, RunLog } from './execution.ts';
import { catchUp, create, edit, invited, join, leave, remove, say, stateWith, withdraw } from './words.ts';

const everybody = { a1: 'alice', a2: 'alice', b1: 'bob', c1: 'carol', d1: 'dora' };

/** Alice is the only member of a group in which she has written. */
export function emptyingGroup(): MemoryState {
  const state = stateWith({ alice: ['a1', 'a2'], bob: ['b1'], carol: ['c1'] }, { team: ['alice'] });
  state.history['#team'] = [{ chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 }];
  return state;
}

export const twoInGroup = () =>
  stateWith({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob'] });
export const threeInGroup = () =>
  stateWith({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob', 'carol'] });

/** Alice, the owner, leaves, and so does Bob, her heir. */
export const ownerAndHeirLeave = (): Actors => ({
  alice: alice(opened(everybody, (actor, log) => leave(actor, log, 'team', 'a1', []))),
  bob: bob((actor, log) => leave(actor, log, 'team', 'b1', [])),
});

/** Alice, the owner, hands the group to Bob, who leaves. */
export const ownedByWhoLeaves = (): Actors => ({
  alice: alice(
    opened(everybody, async (actor) => {
      const request = { group_id: 'team', username: 'bob' };
      await actor.invoke((ports) => setOwner(ports, request, callerAt('a1')));
    }),
  ),
  bob: bob((actor, log) => leave(actor, log, 'team', 'b1', [])),
});

/** Alice writes while Bob, who is away, logs in; without a page he continues with `sync`. */
export const goesOnRegardless = (): Actors => ({
  alice: alice(opened(everybody, writing(['bob'], 'k1'))),
  bob: bob((actor, log) => catchUp(actor, log, 'bob', 'b1', true)),
});

const takeName = (actor: Actor, log: RunLog, hidden: string[]) =>
  create(actor, log, { username: 'carol', group: 'team', connection: 'c1', hidden });

/** Alice leaves the group, Bob joins it, and Carol creates one of that name. */
export const nameTakenWhile = (): Actors => ({
  alice: alice(opened(everybody, (actor, log) => leave(actor, log, 'team', 'a1', []))),
  bob: bob((actor, log) => join(actor, log, 'bob', 'team', 'b1')),
  carol: carol(async (actor, log) => void (await takeName(actor, log, []))),
});

/** The same with as few calls of Alice's as possible. */
export const nameTakenAtOnce = (): Actors => ({
  ...nameTakenWhile(),
  alice: alice(
    opened(everybody, async (actor) => {
      const team = emptyingGroup().names.team as Name;
      await actor.invoke(async ({ members, directory }) => {
        await members.leave({ chat: '#team', username: 'alice', attemptId: 'alice' });
        await directory.count(team, -1, 'alice');
      });
    }),
  ),
});

/** Alice writes on one device and leaves on another; Carol creates a group of that name, and writes. */
export const nameTakenWhileWriting = (): Actors => ({
  alice: alice(opened(everybody, (actor, log) => leave(actor, log, 'team', 'a1', []))),
  'alice writes': alice((actor, log) =>
    say(actor, log, { from: 'alice', to: 'team', connection: 'a2', key: 'late', recipients: [] }),
  ),
  carol: carol(async (actor, log) => {
    if (!(await takeName(actor, log, ['old', 'late']))) return;
    await say(actor, log, { from: 'carol', to: 'team', connection: 'c1', key: 'new', recipients: [] });
  }),
});

export async function joinTwice(actor: Actor, log: RunLog): Promise<void> {
  for (let times = 0; times < 2; times++) await join(actor, log, 'bob', 'team', 'b1');
}

/** Alice and Bob are in a group in which Alice has written. */
export function writtenInGroup(): MemoryState {
  const state = stateWith({ alice: ['a1', 'a2'], bob: ['b1'] }, { team: ['alice', 'bob'] });
  state.history['#team'] = [{ chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 }];
  return state;
}

/** Alice edits her message; Bob leaves, and then she edits it on another device: he must not get that text. */
export const leftBetweenEdits = (): Actors => ({
  alice: alice(opened(everybody, (actor) => edit(actor, 'a1', 'early', '#team'))),
  bob: bob(async (actor, log) => {
    if (!(await leave(actor, log, 'team', 'b1', []))) return;
    log.hidden.push({ username: 'bob', chat: '#team', content: 'late' });
    await edit(actor, 'a2', 'late', '#team');
  }),
});

/** Alice removes Bob, who leaves and joins again. */
export const removedWhileJoining = (): Actors => ({
  alice: alice(
    opened(everybody, (actor, log) =>
      remove(actor, log, { group: 'team', username: 'bob', connection: 'a1', later: [] }),
    ),
  ),
  bob: bob(async (actor, log) => {
    await leave(actor, log, 'team', 'b1', []);
    await join(actor, log, 'bob', 'team', 'b1');
  }),
});

/** Alice owns an invite-only group, to which Bob is invited. */
export function invitedToGroup(): MemoryState {
  const state = stateWith({ alice: ['a1'], bob: ['b1'] }, { team: ['alice'] });
  Object.assign(state.names.team ?? {}, { inviteOnly: true, hasInvited: true });
  const { attemptId = '' } = state.names.team ?? {};
  const first = { by: 'alice', at: 0, id: 'first', attemptId };
  state.invitations['bob team'] = { username: 'bob', group: 'team', ...first };
  return state;
}

/** Alice removes Bob, who is joining by an invitation, and invites him again. */
export const invitedWhileJoining = (): Actors => ({
  alice: alice(
    opened(everybody, async (actor, log) => {
      await remove(actor, log, { group: 'team', username: 'bob', connection: 'a1', later: [] });
      await invited(actor, log, { group: 'team', username: 'bob', connection: 'a1' });
    }),
  ),
  bob: bob((actor, log) => join(actor, log, 'bob', 'team', 'b1')),
});

/** Alice withdraws an invitation of Bob, who is joining by it. */
export const withdrawnWhileJoining = (): Actors => ({
  alice: alice(
    opened(everybody, (actor, log) =>
      withdraw(actor, log, { group: 'team', username: 'bob', connection: 'a1' }),
    ),
  ),
  bob: bob(joinTwice),
});

/** Long after the last recount. */
const late = { now: 1e9 };

/** Alice and Bob are in a group that always counts as full. */
export function saidToBeFull(): MemoryState {
  const state = stateWith(
    { alice: ['a1'], bob: ['b1'], carol: ['c1'], dora: ['d1'] },
    { team: ['alice', 'bob'] },
  );
  Object.assign(state.names.team ?? {}, { members: limits.members + 2 });
  return state;
}

/** Carol and Dora join, and Bob leaves. */
export const joinWhatIsFull = (): Actors => ({
  bob: {
    ...late,
    script: opened(everybody, (actor, log) => leave(actor, log, 'team', 'b1', [])),
  },
  carol: { ...late, script: (actor, log) => join(actor, log, 'carol', 'team', 'c1') },
  dora: { ...late, script: (actor, log) => join(actor, log, 'dora', 'team', 'd1') },
});

/** Alice removes Bob from her group; both leave it, Carol creates one of that name, and Bob joins that. */
export const removedFromAnother = (): Actors => ({
  alice: alice(
    opened(everybody, async (actor) => {
      const request = { group_id: 'team', username: 'bob' };
      const caller = callerAt('a1');
      await actor.invoke((ports) => removeMember(ports, request, caller));
    }),
  ),
  others: bob(async (actor, log) => {
    await leave(actor, log, 'team', 'b1', []);
    await leave(actor, log, 'team', 'a1', []);
    if (await takeName(actor, log, [])) await join(actor, log, 'bob', 'team', 'b1');
  }),
});

/** The same with as few calls as possible: what happens beside the removal only prepares the tables. */
export const removedFromAnotherAtOnce = (): Actors => ({
  ...removedFromAnother(),
  others: bob(async (actor) => {
    const [chat, generation] = ['#team', 1];
    const row = (username: string, attemptId: string) => ({ chat, username, attemptId });
    const next = { name: 'team', kind: 'group', created: 0, attemptId: 'next', generation } as const;
    await actor.invoke(async ({ members, directory }) => {
      for (const who of ['alice', 'bob']) await members.leave(row(who, who));
      await directory.startTakeover({ name: 'team', attemptId: 'team' }, 'next');
      await directory.takeOver({ name: 'team', attemptId: 'team' }, { ...next, owner: 'carol', members: 2 });
      for (const who of ['carol', 'bob'])
        await members.join({ ...row(who, `${who} again`), role: 'member', since: 1, generation });
    });
  }),
});
