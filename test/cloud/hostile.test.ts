import { expect, test } from 'vitest';
import { storm } from '../hostile/storm.ts';

// `npm run test:hostile` sends 100,000.
test('3,000 hostile frames: each is answered, none breaks anything, none that is refused writes', {
  timeout: 120_000,
}, async () => {
  const { answered, outcomes, wrong, lookedAt } = await storm({ frames: 3_000, seed: 7 });
  expect(wrong).toEqual([]);
  expect(answered).toBeGreaterThanOrEqual(3_000);
  expect(lookedAt).toBeGreaterThan(100);
  for (const code of ['ok', 'bad_request', 'unknown_type', 'not_logged_in', 'invalid_name']) {
    expect(outcomes, code).toHaveProperty(code);
  }
});
