import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';
import type { Record } from './record.ts';

const sentOf = ({ sendings }: Record) => sendings.filter(({ sent }) => sent);
// The run must have done something; it goes on until it has. `npm run test:chaos` runs for minutes.
const enough = (record: Record) => {
  const sent = sentOf(record);
  // Counted together, since a slow machine may get to no deletion.
  return sent.length > 40 && sent.filter(({ change }) => change).length > 3;
};

test('a minute with all faults breaks no promise, and each message has its event', async () => {
  // An odd seed, so it is the default that is tested: messages don't wait for one another (`batchWindowOf`).
  const options = { seed: 1, seconds: 60, enough, users: 6, killEvery: 15, events: true };
  const { record, verdict, told, kills, faults } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  expect(enough(record)).toBe(true);
  expect(told?.events.length).toBeGreaterThan(sentOf(record).length);
  expect(told?.poisoned).toBeGreaterThan(1);
  expect(kills).toBeGreaterThan(1);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
});
