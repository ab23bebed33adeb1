import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('a minute with all faults breaks no promise, and each message has its event', async () => {
  const options = { seed: 1, seconds: 60, users: 6, killEvery: 15, events: true };
  const { record, verdict, told, kills, faults } = await chaos(options);
  expect(verdict.violations).toEqual([]);
  // The run must have done something.
  const sent = record.sendings.filter((each) => each.sent);
  expect(sent.length).toBeGreaterThan(40);
  // Counted together, since a slow machine may get to no deletion.
  expect(sent.filter(({ change }) => change).length).toBeGreaterThan(3);
  expect(told?.events.length).toBeGreaterThan(sent.length);
  expect(told?.poisoned).toBeGreaterThan(1);
  expect(kills).toBeGreaterThan(1);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
});
