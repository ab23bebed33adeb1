import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LogEntry, Name } from '../../chat/ports.ts';
import { type RealStore, realStore } from './real-store.ts';

const device = { form: 'json', since: 5, login: 'l1' } as const;
const entry: LogEntry = { chat: '#team', seq: 1, id: 'mine', sender: 'ann', content: 'hi', at: 1 };
const writes = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** How many more answers to writes get lost, after the write took effect. */
let toLose = 0;
let store: RealStore;

function isLost(operation: string): boolean {
  if (!writes.has(operation) || toLose === 0) return false;
  toLose--;
  return true;
}

beforeAll(async () => {
  store = await realStore(isLost);
}, 60_000);
afterAll(() => store.close());

describe('a write that took effect, whose answer was lost, and which the SDK made again', () => {
  beforeEach(() => {
    toLose = 1;
    return () => expect(toLose).toBe(0);
  });

  test('has won its slot in the log', async () => {
    await expect(store.ports.history.put(entry)).resolves.toEqual(entry);
  });

  test('has claimed its name', async () => {
    const ann: Name = { name: 'ann', kind: 'user', created: 1, mark: 'mine' };
    await expect(store.ports.names.claim(ann)).resolves.toEqual(ann);
  });

  test('has bound its connection', async () => {
    await expect(store.ports.connections.bind('c1', { username: 'ann', form: 'json' }, 0)).resolves.toBe(
      true,
    );
  });

  test('has made its member', async () => {
    const member = { chat: '#team', username: 'ann', role: 'member', since: 1, turn: 't' } as const;
    await expect(store.ports.members.join(member)).resolves.toEqual(member);
    await expect(store.ports.members.get('#team', 'ann')).resolves.toEqual(member);
  });

  test('is owed, and shown so: nobody is connected, and the pointer is there', async () => {
    await store.ports.inboxes.connect('bob', 'c1', device);
    await store.ports.inboxes.disconnect('bob', 'c1', 7);
    toLose = 1;
    const stood = await store.ports.inboxes.owe('bob', '#team', 3);
    expect(stood).toEqual({
      connections: new Map(),
      pending: new Map([['#team', 3]]),
      epoch: 0,
      lastSeen: 7,
    });
  });

  test('has connected, and settled', async () => {
    const inbox = await store.ports.inboxes.connect('cleo', 'c1', device);
    expect([...inbox.connections.keys()]).toEqual(['c1']);
    toLose = 1;
    await expect(store.ports.inboxes.settle('cleo', 'c1', 'l1', [{ chat: '#team' }])).resolves.toBe(true);
  });

  test('has made its user, and replaced the password', async () => {
    const credential = { username: 'ann', mark: 'mine', password: 'hash' };
    await expect(store.ports.credentials.create(credential)).resolves.toEqual(credential);
    toLose = 1;
    await expect(store.ports.credentials.replace('mine', { ...credential, mark: 'next' })).resolves.toBe(
      true,
    );
  });

  test('has ended all sessions, perhaps twice: each proof from before is worth nothing', async () => {
    await store.ports.inboxes.make('dora');
    toLose = 1;
    const { epoch } = await store.ports.inboxes.revoke('dora');
    expect(epoch).toBeGreaterThanOrEqual(1);
    await expect(store.ports.inboxes.connect('dora', 'c1', device, 0)).resolves.toHaveProperty('refused');
  });
});

test('a write whose answers are all lost is found by a look', async () => {
  toLose = 100;
  const second = { ...entry, seq: 2 };
  await expect(store.ports.history.put(second)).resolves.toEqual(second);
  expect(toLose).toBeLessThan(100);
});

test('so is a password that was replaced', async () => {
  toLose = 0;
  await store.ports.credentials.create({ username: 'emil', mark: 'old' });
  toLose = 100;
  await expect(store.ports.credentials.replace('old', { username: 'emil', mark: 'new' })).resolves.toBe(true);
  expect(toLose).toBeLessThan(100);
});
