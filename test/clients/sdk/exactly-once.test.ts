import { expect, test } from 'vitest';
import { exactlyOnce, SERVICE_FAULTS } from './exactly-once.ts';

// `npm run test:client` sends more.
test('each message arrives once and in order while sockets are cut, calls fail and the service restarts', async () => {
  const trial = { messages: 90, cutEvery: 400, seed: 1, faults: SERVICE_FAULTS, least: { cuts: 5 } };
  const { sent, stored, received, echoed, restarts, faults } = await exactlyOnce(trial);
  expect(stored).toEqual(sent);
  expect(received).toEqual(sent);
  expect(echoed).toEqual(sent);
  // That something happened at all.
  expect(restarts).toBe(3);
  expect(Object.keys(faults).length).toBeGreaterThan(3);
});

test('each message arrives once and in order while tokens expire within seconds and getToken fails', async () => {
  const { sent, stored, received, echoed, restarts } = await exactlyOnce({
    ...{ messages: 60, cutEvery: 3_000, seed: 1, faults: SERVICE_FAULTS, seconds: 10, tokens: 3 },
    least: { cuts: 3, renewals: 1 },
  });
  expect(stored).toEqual(sent);
  expect(received).toEqual(sent);
  expect(echoed).toEqual(sent);
  expect(restarts).toBe(3);
});
