import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('a minute with all faults breaks no promise', async () => {
  const { record, verdict, kills, faults } = await chaos({ seed: 1, seconds: 60, users: 6, killEvery: 15 });
  expect(verdict.violations).toEqual([]);
  // The run must have done something.
  const sent = record.sendings.filter((each) => each.sent);
  expect(sent.length).toBeGreaterThan(40);
  // Counted together, since a slow machine may get to no deletion.
  expect(sent.filter(({ change }) => change).length).toBeGreaterThan(3);
  expect(kills).toBeGreaterThan(1);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
});
