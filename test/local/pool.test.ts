import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test, vi } from 'vitest';
import { Faults } from '../../local/faults/faults.ts';
import { Pool } from '../../local/lambda/pool.ts';

const nowhere = 'http://127.0.0.1:9';
const NEVER_MS = 1e9;
const pools: Pool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

/** A pool of a function that waits for its gate, which is open unless `isShut`. */
function poolOf({ limit = 8, stuckMs = NEVER_MS, isShut = false } = {}) {
  const gate = join(mkdtempSync(join(tmpdir(), 'gate-')), 'open');
  const open = () => writeFileSync(gate, '');
  if (!isShut) open();
  const faults = new Faults('test');
  const lines: string[] = [];
  const model = {
    id: 'Waiter',
    name: 'Waiter',
    arn: 'arn:waiter',
    folder: fileURLToPath(new URL('./fixtures/code', import.meta.url)),
    handler: 'index.waiter',
    memory: 256,
    timeout: 600_000,
    environment: { GATE: gate },
    statements: [],
  };
  const settings = {
    dynamoEndpoint: nowhere,
    sqsEndpoint: nowhere,
    lambdaEndpoint: nowhere,
    eventsEndpoint: nowhere,
    credentialsOf: () => ({ accessKeyId: 'AKIA', sessionToken: '' }),
    patience: 1,
    faults,
    log: ({ line }: { line: string }) => void lines.push(line),
  };
  const pool = new Pool(model, settings, limit, stuckMs);
  pools.push(pool);
  /** Invokes it so often at once. @returns for each event how many its instance has had, in order of numbers */
  const events = async (count: number): Promise<number[]> => {
    const answers = await Promise.all(Array.from({ length: count }, (_, at) => pool.invoke({}, `r${at}`)));
    return answers
      .map((answer) => (JSON.parse((answer as { body: string }).body) as { events: number }).events)
      .sort((one, other) => one - other);
  };
  /** Waits until so many events have begun and wait for the gate. */
  const begun = (count: number) => vi.waitFor(() => expect(lines).toHaveLength(count), 60_000);
  return { pool, faults, open, events, begun };
}

const instancesOf = (counts: readonly number[]) => counts.filter((count) => count === 1).length;

test('a few events at once wait for the instance that there is', async () => {
  const { events } = poolOf();
  expect(await events(3)).toEqual([1, 2, 3]);
});

test('many events at once get an instance for each core, and no more', async () => {
  const { events } = poolOf();
  expect(instancesOf(await events(40))).toBe(Math.min(8, availableParallelism()));
});

test('if no instance gets on, the events behind get more of them, up to the limit', async () => {
  const { events, open, begun } = poolOf({ limit: 3, stuckMs: 1, isShut: true });
  const answers = events(4);
  await begun(3);
  open();
  expect(await answers).toEqual([1, 1, 1, 2]);
});

test('while faults are injected each event that finds all busy gets an instance, up to the limit', async () => {
  const { events, open, begun, faults } = poolOf({ limit: 3, isShut: true });
  faults.follow({ seed: 1 });
  const answers = events(4);
  await begun(3);
  open();
  expect(await answers).toEqual([1, 1, 1, 2]);
});

test('an instance that was idle for minutes is stopped, and the next event gets a new one', async () => {
  const { pool, events } = poolOf();
  await events(2);
  pool.retire(Date.now());
  expect(await events(1)).toEqual([3]);
  pool.retire(Date.now() + 6 * 60_000);
  expect(await events(1)).toEqual([1]);
});

test('a busy instance is not stopped', async () => {
  const { pool, events, open, begun } = poolOf({ isShut: true });
  const busy = events(1);
  await begun(1);
  pool.retire(Date.now() + 6 * 60_000);
  open();
  expect(await busy).toEqual([1]);
});
