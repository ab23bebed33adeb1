import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import type { LogEntry, Name } from '../../chat/model.ts';
import { type LossyStore, realStore } from './real-store.ts';

const device = { form: 'json', since: 5, login: 'l1' } as const;
const entry: LogEntry = { chat: '#team', seq: 1, id: 'mine', sender: 'ann', content: 'hi', at: 1 };
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

type Fate = 'lost' | 'late' | 'throttled' | 'overtaken';

/** What becomes of the next writes. */
let fates: Fate[] = [];
/** As the SDK makes calls again by its own rules, and as it makes each call once. */
let patient: LossyStore;
let hasty: LossyStore;

/** A write is overtaken if those that were late are in before it is decided. */
async function fateOf(operation: string) {
  const fate = writes.has(operation) && fates.shift();
  if (fate !== 'overtaken') return fate || false;
  await hasty.letThrough();
  return false;
}

beforeAll(async () => {
  [patient, hasty] = await Promise.all([realStore(fateOf), realStore(fateOf, 1)]);
});
afterAll(() => Promise.all([patient.close(), hasty.close()]));
afterEach(() => expect(fates).toEqual([]));

describe('a write that took effect, whose answer was lost, and which the SDK made again', () => {
  beforeEach(() => {
    fates = ['lost'];
  });

  test('has won its slot in the log', async () => {
    await expect(patient.ports.history.put(entry)).resolves.toEqual(entry);
  });

  test('has claimed its name', async () => {
    const ann: Name = { name: 'ann', kind: 'user', created: 1, attemptId: 'mine' };
    await expect(patient.ports.directory.reserve(ann)).resolves.toEqual(ann);
  });

  test('has bound its connection', async () => {
    const mine = { username: 'ann', form: 'json', login: 'l1' } as const;
    // Its own row is what was there: its attempt id tells.
    await expect(patient.ports.connections.bind('c1', mine, 0)).resolves.toEqual({ before: mine });
  });

  test('has made its member', async () => {
    const member = { chat: '#team', username: 'ann', role: 'member', since: 1, attemptId: 't' } as const;
    await expect(patient.ports.members.join(member)).resolves.toEqual(member);
    await expect(patient.ports.members.get('#team', 'ann')).resolves.toEqual(member);
  });

  test('is marked pending, and the result says so', async () => {
    await patient.ports.inboxes.connect('bob', 'c1', device);
    await patient.ports.inboxes.disconnect('bob', 'c1', 7);
    fates = ['lost'];
    const stood = await patient.ports.inboxes.markPending('bob', '#team', 3);
    expect(stood).toEqual({
      connections: new Map(),
      pending: new Map([['#team', 3]]),
      epoch: 0,
      lastSeen: 7,
    });
  });

  test('has connected and acknowledged', async () => {
    const inbox = await patient.ports.inboxes.connect('cleo', 'c1', device);
    expect([...inbox.connections.keys()]).toEqual(['c1']);
    fates = ['lost'];
    await expect(patient.ports.inboxes.ackPending('cleo', 'c1', 'l1', [{ chat: '#team' }])).resolves.toBe(
      true,
    );
  });

  test('has acknowledged the last pointers', async () => {
    const { inboxes } = patient.ports;
    await inboxes.create('cleo');
    await inboxes.disconnect('cleo', 'c1', 7);
    await inboxes.markPending('cleo', '#team', 3);
    await inboxes.connect('cleo', 'c1', device);
    fates = ['lost'];
    const last = inboxes.ackPending(
      ...(['cleo', 'c1', 'l1', [{ chat: '#team' }], undefined, undefined, 'and nothing is left'] as const),
    );
    await expect(last).resolves.toBe(true);
    expect((await inboxes.getMany(['cleo'])).get('cleo')?.pending).toEqual(new Map());
  });

  test('has made its user, and replaced the password', async () => {
    const credential = { username: 'ann', attemptId: 'mine', password: 'hash' };
    await expect(patient.ports.credentials.create(credential)).resolves.toEqual(credential);
    fates = ['lost'];
    await expect(
      patient.ports.credentials.replace('mine', { ...credential, attemptId: 'next' }),
    ).resolves.toBe(true);
  });

  test('has ended all sessions, perhaps twice, which makes every earlier proof worthless', async () => {
    await patient.ports.inboxes.create('dora');
    fates = ['lost'];
    const { epoch } = await patient.ports.inboxes.revoke('dora', 1);
    expect(epoch).toBeGreaterThanOrEqual(1);
    await expect(patient.ports.inboxes.connect('dora', 'c1', device, { epoch: 0 })).resolves.toHaveProperty(
      'refused',
    );
  });
});

test('a write that timed out and was then throttled may have taken effect, whatever the SDK says last', async () => {
  const twice = await realStore(fateOf, 2);
  const put = (seq: number) => twice.ports.history.put({ ...entry, chat: '#twice', seq });
  fates = ['late', 'throttled', 'throttled', 'throttled'];
  await expect(put(1)).rejects.toThrow(OutcomeUnknown);
  fates = ['throttled', 'throttled'];
  await expect(put(2)).rejects.toThrow(Unavailable);
  await twice.close();
});

describe('a write that may or may not have taken effect', () => {
  let seq = 1;
  const log = () => hasty.ports.history;
  const next = () => ({ ...entry, seq: ++seq });

  test.each<[string, Fate[]]>([
    ['one that took effect at once', ['lost']],
    ['one that takes effect before it is made again', ['late', 'overtaken']],
    ['one that takes effect after it was made again', ['late']],
  ])('meets itself when it is repeated: %s', async (_, then) => {
    const mine = next();
    fates = [...then];
    await expect(log().put(mine)).resolves.toEqual(mine);
    await hasty.letThrough();
    await expect(log().get('#team', seq)).resolves.toEqual(mine);
  });

  test('meets the first write, and changes nothing when it takes effect late', async () => {
    const mine = next();
    const theirs = { ...mine, id: 'theirs' };
    await log().put(theirs);
    fates = ['late'];
    await expect(log().put(mine)).resolves.toEqual(theirs);
    await hasty.letThrough();
    await expect(log().get('#team', seq)).resolves.toEqual(theirs);
  });

  test.each<[string, Fate[]]>([
    ['as long as it gets no answer', ['late', 'late']],
    ['though it is throttled in the end', ['late', 'throttled']],
  ])('is not reported as having done nothing, %s', async (_, then) => {
    const mine = next();
    fates = [...then];
    await expect(log().put(mine)).rejects.toThrow(OutcomeUnknown);
    await expect(log().get('#team', seq)).resolves.toBeUndefined();
    await hasty.letThrough();
    await expect(log().get('#team', seq)).resolves.toEqual(mine);
  });

  test.each<[string, Fate[]]>([
    ['before it is made again', ['late', 'overtaken']],
    ['after that', ['late']],
  ])('counts an edit once, and a deletion is final, though they take effect %s', async (when, then) => {
    const chat = `#${when}`;
    await log().put({ ...entry, chat });
    fates = [...then];
    await expect(log().edit(chat, 1, 'better', 'm', 7, 1)).resolves.toMatchObject({ editIds: ['m'] });
    await log().edit(chat, 1, 'best', 'n', 8, 1);
    await hasty.letThrough();
    await expect(log().get(chat, 1)).resolves.toMatchObject({ content: 'best', editIds: ['m', 'n'] });
    fates = [...then];
    await log().erase(chat, 1, 9);
    await hasty.letThrough();
    await expect(log().get(chat, 1)).resolves.toMatchObject({ content: '', changed: { at: 9 } });
  });

  test('replaces a password, and reports it', async () => {
    await hasty.ports.credentials.create({ username: 'emil', attemptId: 'old' });
    fates = ['late', 'overtaken'];
    const replaced = hasty.ports.credentials.replace('old', { username: 'emil', attemptId: 'new' });
    await expect(replaced).resolves.toBe(true);
  });

  test.each([
    ['join', () => hasty.ports.members.join({ chat: '#team', username: 'fay', role: 'member', since: 1 })],
    ['leave', () => hasty.ports.members.leave({ chat: '#team', username: 'fay' })],
    ['disconnect', () => hasty.ports.inboxes.disconnect('bob', 'c9', 7)],
    ['open', () => hasty.ports.sessions.open({ digest: 'd', username: 'ann', epoch: 0, expires: 1 })],
  ])('is never reported as having done nothing: %s', async (_, write) => {
    fates = ['late'];
    await expect(write()).rejects.toThrow(OutcomeUnknown);
    await hasty.letThrough();
  });

  test('does not matter to a count, since what is counted has not begun', async () => {
    fates = ['late'];
    const counted = hasty.ports.rateLimits.set('id', undefined, { level: 1, at: 1 }, 2);
    await expect(counted).rejects.toThrow(Unavailable);
  });
});
