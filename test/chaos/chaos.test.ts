import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('a minute in which everything goes wrong, and no promise is broken', async () => {
  const { record, verdict, kills, faults } = await chaos({ seed: 1, seconds: 60, users: 6, killEvery: 15 });
  expect(verdict.violations).toEqual([]);
  // That something happened at all.
  const sent = record.sendings.filter((each) => each.sent);
  expect(sent.length).toBeGreaterThan(40);
  // Edits and deletions together: on a slow machine there may be none of the latter.
  expect(sent.filter(({ change }) => change).length).toBeGreaterThan(3);
  expect(kills).toBeGreaterThan(1);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
}, 180_000);
