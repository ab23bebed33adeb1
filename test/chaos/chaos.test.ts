import { expect, test } from 'vitest';
import { chaos } from './chaos.ts';

test('a minute in which everything goes wrong, and no promise is broken', async () => {
  const { record, verdict, kills, faults } = await chaos({ seed: 1, seconds: 60, users: 6, killEvery: 15 });
  expect(verdict.violations).toEqual([]);
  // That something happened at all.
  const sent = record.sendings.filter((each) => each.sent);
  const changes = (kind: string) => sent.filter(({ change }) => change?.kind === kind).length;
  expect(sent.length).toBeGreaterThan(40);
  expect(changes('edits')).toBeGreaterThan(2);
  expect(changes('deletes')).toBeGreaterThan(0);
  expect(kills).toBeGreaterThan(1);
  expect(Object.keys(faults).length).toBeGreaterThan(8);
}, 180_000);
