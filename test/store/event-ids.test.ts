import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Device, LogEntry, Member, Name } from '../../chat/model.ts';
import { newOverflowId } from '../../chat/overflow-id.ts';
import { busEvents } from '../../protocol/bus-events.ts';
import type { BusEvent } from '../../protocol/index.ts';
import { eventsOf } from '../../store/changes.ts';
import type { StorePorts } from '../../store/tables.ts';
import { type LossyStore, realStore } from './real-store.ts';

// Whoever has handled an id skips it: an id that came with another event would hide this one.

type Fate = 'lost' | 'late' | undefined;

const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
let fate: Fate;
let store: LossyStore;
beforeAll(async () => {
  store = await realStore(
    async (operation) => {
      if (!writes.has(operation)) return false;
      const own = fate;
      fate = undefined;
      return own ?? false;
    },
    1,
    true,
  );
});
afterAll(() => store.close());

/** Each record comes in a second of its own, as after a while. */
let second = 1_767_323_045;
async function told(): Promise<BusEvent[]> {
  const records = await store.records();
  return records.flatMap(({ dynamodb, ...record }) => {
    second++;
    return eventsOf({ ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: second } });
  });
}

/** Ids that have come with more than one event. */
function torn(events: readonly BusEvent[]): string[][] {
  const byId = new Map<string, Set<string>>();
  for (const event of events)
    byId.set(event.id, (byId.get(event.id) ?? new Set()).add(JSON.stringify(event)));
  return [...byId.values()].filter(({ size }) => size > 1).map((texts) => [...texts]);
}

/** The user and the group of a run. `n` tells attempts, times and texts apart. */
interface Scene {
  ports: StorePorts;
  user: string;
  group: string;
  n: number;
}

const chatOf = ({ group }: Scene) => `#${group}`;
const connection = ({ n }: Scene) => `c${n % 2}`;
const memberOf = ({ user, group, n: own }: Scene, n = own): Member & { attemptId: string } => ({
  chat: `#${group}`,
  username: user,
  ...{ role: 'member', since: 1, joined: n, attemptId: `join ${n}` },
});
const groupOf = ({ group, n: own }: Scene, n = own): Name => ({
  name: group,
  ...{ kind: 'group', created: n, attemptId: `group ${n}`, owner: 'ann' },
});
const entryOf = (scene: Scene, more: Partial<LogEntry> = {}): LogEntry => ({
  ...{
    chat: chatOf(scene),
    seq: 1,
    id: `m${scene.n}`,
    sender: 'ann',
    content: `text ${scene.n}`,
    at: scene.n,
  },
  ...more,
});
const overflowOf = ({ n }: Scene) => newOverflowId({ now: () => n % 3, newId: () => `o${n % 3}` });

type Act = (scene: Scene) => Promise<unknown>;

interface Step {
  n: number;
  act: Act;
  fate: Fate;
}

/** What was late arrives. */
const arrive: Act = () => store.letThrough();

/** What the rules write, in any order and with any times: clocks differ, functions die, and what was asked for is asked for again. */
const acts = {
  inbox: {
    connect({ ports, user, ...rest }: Scene) {
      const device: Device = { form: 'json', since: rest.n, login: `l${rest.n}` };
      return ports.inboxes.connect(user, connection({ ports, user, ...rest }), device);
    },
    disconnect: (scene) => scene.ports.inboxes.disconnect(scene.user, connection(scene), scene.n),
    pending: (scene) => scene.ports.inboxes.markPending(scene.user, chatOf(scene), 1 + (scene.n % 2)),
    acknowledge: (scene) =>
      scene.ports.inboxes.ackPending(scene.user, connection(scene), `l${scene.n}`, [{ chat: chatOf(scene) }]),
    forget: ({ ports, user }) => ports.inboxes.forget(user),
  },
  overflow: {
    add: (scene) =>
      scene.ports.overflow.add(scene.user, {
        ...{ overflow: overflowOf(scene), chat: chatOf(scene), from: scene.n, id: `p${scene.n}` },
      }),
    start: (scene) => scene.ports.inboxes.startOverflow(scene.user, overflowOf(scene)),
    forget: ({ ports, user }) => ports.overflow.forget(user),
  },
  members: {
    join: (scene) => scene.ports.members.join(memberOf(scene)),
    leave: (scene) => scene.ports.members.leave(memberOf(scene)),
    remove(scene) {
      const { chat, username, attemptId } = memberOf(scene);
      return scene.ports.members.remove({ chat, username, attemptId: `gone ${scene.n}` }, 1, attemptId);
    },
    joinAgain: (scene) => scene.ports.members.join(memberOf(scene, scene.n + 1), `gone ${scene.n}`),
  },
  group: {
    create: (scene) => scene.ports.directory.reserve(groupOf(scene)),
    wanted: (scene) => scene.ports.directory.startTakeover(groupOf(scene), `group ${scene.n + 1}`),
    takeOver: (scene) => scene.ports.directory.takeOver(groupOf(scene), groupOf(scene, scene.n + 1)),
    pass: (scene) => scene.ports.directory.passOwnership(groupOf(scene), 'ann', scene.user),
    passBack: (scene) => scene.ports.directory.passOwnership(groupOf(scene), scene.user, 'ann'),
    settings: (scene) =>
      scene.ports.directory.updateSettings(groupOf(scene), { inviteOnly: scene.n % 2 === 0 }),
    title: ({ ports, group, n }) => ports.profiles.set(`#${group}`, { name: n % 2 ? `title ${n}` : '' }),
  },
  user: {
    register: ({ ports, user, n }) => ports.credentials.create({ username: user, attemptId: `user ${n}` }),
    password: ({ ports, user, n }) =>
      ports.credentials.replace(`user ${n}`, { username: user, attemptId: `user ${n + 1}` }),
    profile: ({ ports, user, n }) => ports.profiles.set(`@${user}`, { name: `name ${n}` }),
    erase: ({ ports, user }) => ports.profiles.erase(`@${user}`),
  },
  log: {
    send: (scene) => scene.ports.history.put(entryOf(scene)),
    edit: (scene) => scene.ports.history.edit(chatOf(scene), 1, `edit ${scene.n}`, `e${scene.n}`, scene.n, 1),
    // Twice at once: each has an entry.
    deletion: (scene) =>
      scene.ports.history.put(entryOf(scene, { seq: 1 + scene.n, deletes: 1, content: '' })),
    erase: (scene) => scene.ports.history.erase(chatOf(scene), 1, scene.n),
  },
} satisfies Record<string, Record<string, Act>>;

/** The types of the events that each area has. */
const typesOf: Record<keyof typeof acts, readonly BusEvent['type'][]> = {
  inbox: ['recipient.away'],
  overflow: ['recipient.away'],
  members: ['member.added', 'member.removed'],
  group: ['group.created', 'group.updated'],
  user: ['user.created', 'user.deleted'],
  log: ['message.created', 'message.deleted', 'message.edited'],
};

const areas = Object.entries(acts).map(([area, those]) => ({
  area,
  acts: Object.values(those) as Act[],
  types: typesOf[area as keyof typeof acts],
}));
const rarely = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  fc.constantFrom('lost' as const, 'late' as const),
);

/** Steps of one area. */
const stepsOf = (own: readonly Act[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({ n: fc.integer({ min: 1, max: 2 }), fate: rarely, act: fc.constantFrom(...own, arrive) }),
    { minLength: 25, maxLength: 25 },
  );

let runs = 0;
async function play(steps: readonly Step[]): Promise<BusEvent[]> {
  const run = ++runs;
  for (const { n, act, fate: own } of steps) {
    fate = own;
    // Refused or unknown: the next step comes all the same.
    await act({ ports: store.ports, user: `u${run}`, group: `g${run}`, n }).catch(() => {});
  }
  fate = undefined;
  await store.letThrough();
  return told();
}

test.each(areas)('$area: no id comes with two events, whatever is written, late or twice', async (own) => {
  const types = new Set<string>();
  await fc.assert(
    fc.asyncProperty(stepsOf(own.acts), async (steps) => {
      const events = await play(steps);
      for (const { type } of events) types.add(type);
      expect(torn(events)).toEqual([]);
    }),
    { numRuns: 12 },
  );
  expect([...types].toSorted()).toEqual(own.types);
});

test('and these are events of all types', () => {
  const types = new Set<string>(areas.flatMap((each) => each.types));
  expect([...types].toSorted()).toEqual(Object.keys(busEvents).toSorted());
});

test('an absence after a login that came to nothing has an id of its own, though it begins no later', async () => {
  const { connect, disconnect, pending } = acts.inbox;
  // The second login began before the end of the first, by its own clock, and dies before it has taken anything.
  const steps: [Act, number][] = [
    [connect, 1],
    [disconnect, 3],
    [pending, 3],
    [connect, 3],
    [disconnect, 3],
  ];
  const events = await play(steps.map(([act, n]) => ({ act, n, fate: undefined })));
  expect(events.map(({ type, id }) => [type, id.split(' ').slice(-3)])).toEqual([
    ['recipient.away', ['2', '1', '3']],
    ['recipient.away', ['2', '2', '3']],
  ]);
});
