import { expect, test } from 'vitest';
import { storm } from '../hostile/storm.ts';

// `npm run test:hostile` sends 100,000.
test('each of 1,000 hostile frames is answered once, none breaks anything, and no refused one writes', async () => {
  const { sent, outcomes, wrong, writes } = await storm({ frames: 1_000, seed: 7 });
  expect(wrong).toEqual([]);
  expect(sent).toBe(1_000);
  expect(writes.seen).toBeGreaterThan(100);
  expect(writes.seen).toBe(writes.counted);
  for (const code of [
    'ok',
    'bad_request',
    'unknown_type',
    'not_logged_in',
    'invalid_name',
    'closed with 1003',
  ]) {
    expect(outcomes, code).toHaveProperty([code]);
  }
});
