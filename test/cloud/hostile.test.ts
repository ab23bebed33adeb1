import { expect, test } from 'vitest';
import { storm } from '../hostile/storm.ts';

// `npm run test:hostile` sends 100,000.
test('each of 500 hostile frames is answered once, none breaks anything, and no refused one writes', async () => {
  const { sent, outcomes, wrong, writes } = await storm({ frames: 500, seed: 7 });
  expect(wrong).toEqual([]);
  expect(sent).toBe(500);
  expect(writes.seen).toBeGreaterThan(50);
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
