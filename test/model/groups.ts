// Groups that come to an end, names that are taken anew, members who are removed: what happens side by side then.
import type { MemoryState } from '../support/memory.ts';
import type { Actor, RunLog, Scenario } from './execution.ts';
import { create, join, leave, remove, say, world } from './words.ts';

type Actors = Scenario['actors'];

const [alice, bob, carol] = [{ now: 1_000 }, { now: 900 }, { now: 950 }];
const everybody = { a1: 'alice', a2: 'alice', b1: 'bob', c1: 'carol' };
const knowing = (log: RunLog) => Object.assign(log.devices, everybody);

/** Alice is the only member of a group in which she has written. */
export function emptyingGroup(): MemoryState {
  const state = world({ alice: ['a1', 'a2'], bob: ['b1'], carol: ['c1'] }, { team: ['alice'] });
  state.history['#team'] = [{ chat: '#team', seq: 1, id: 'old', sender: 'alice', content: 'old', at: 0 }];
  return state;
}

export const twoInGroup = () => world({ alice: ['a1'], bob: ['b1'] }, { team: ['alice', 'bob'] });
export const threeInGroup = () =>
  world({ alice: ['a1'], bob: ['b1'], carol: ['c1'] }, { team: ['alice', 'bob', 'carol'] });

/** Alice, the owner, leaves, and so does Bob, whom the group passes on to. */
export const ownerAndHeirLeave = (): Actors => ({
  alice: {
    ...alice,
    script: (actor, log) => {
      knowing(log);
      return leave(actor, log, 'team', 'a1', []);
    },
  },
  bob: { ...bob, script: (actor, log) => leave(actor, log, 'team', 'b1', []) },
});

const takeName = (actor: Actor, log: RunLog, hidden: string[]) =>
  create(actor, log, { username: 'carol', group: 'team', connection: 'c1', hidden });

/** Alice leaves it, Bob joins it, Carol makes one of that name. */
export const nameTakenWhile = (): Actors => ({
  alice: {
    ...alice,
    script: (actor, log) => {
      knowing(log);
      return leave(actor, log, 'team', 'a1', []);
    },
  },
  bob: { ...bob, script: (actor, log) => join(actor, log, 'bob', 'team', 'b1') },
  carol: { ...carol, script: async (actor, log) => void (await takeName(actor, log, [])) },
});

/** As `emptyingGroup`, when Alice is out and has yet to be counted out: Bob joins, Carol makes one of that name. */
export function emptiedGroup(): MemoryState {
  const state = emptyingGroup();
  state.members['#team'] = {};
  return state;
}

export const nameTakenAfter = (): Actors => ({
  ...nameTakenWhile(),
  alice: {
    ...alice,
    script: async (actor, log) => {
      knowing(log);
      await actor.invoke((ports) => ports.names.count({ name: 'team', mark: 'team' }, -1));
    },
  },
});

/** Alice writes on one device and leaves on another; Carol makes a group of that name, and writes. */
export const nameTakenWhileWriting = (): Actors => ({
  alice: {
    ...alice,
    script: (actor, log) => {
      knowing(log);
      return leave(actor, log, 'team', 'a1', []);
    },
  },
  'alice writes': {
    ...alice,
    script: (actor, log) =>
      say(actor, log, { from: 'alice', to: 'team', connection: 'a2', key: 'late', recipients: [] }),
  },
  carol: {
    ...carol,
    script: async (actor, log) => {
      if (!(await takeName(actor, log, ['old', 'late']))) return;
      await say(actor, log, { from: 'carol', to: 'team', connection: 'c1', key: 'new', recipients: [] });
    },
  },
});

export async function joinTwice(actor: Actor, log: RunLog): Promise<void> {
  for (let times = 0; times < 2; times++) await join(actor, log, 'bob', 'team', 'b1');
}

/** Alice removes Bob, who leaves and joins again. */
export const removedWhileJoining = (): Actors => ({
  alice: {
    ...alice,
    script: (actor, log) => {
      knowing(log);
      return remove(actor, log, { group: 'team', username: 'bob', connection: 'a1', later: [] });
    },
  },
  bob: {
    ...bob,
    script: async (actor, log) => {
      await leave(actor, log, 'team', 'b1', []);
      await join(actor, log, 'bob', 'team', 'b1');
    },
  },
});
