import { expect, test } from 'vitest';
import { exactlyOnce, SERVICE_FAULTS } from './exactly-once.ts';

test('each message arrives once and in order while sockets are cut, calls fail and the service restarts', async () => {
  const outcome = await exactlyOnce({ messages: 90, cutEvery: 400, seed: 1, faults: SERVICE_FAULTS });
  const { sent, stored, received, echoed, counts, restarts, faults } = outcome;
  expect(stored).toEqual(sent);
  expect(received).toEqual(sent);
  expect(echoed).toEqual(sent);
  // That something happened at all.
  expect(counts.cuts).toBeGreaterThan(4);
  expect(restarts).toBe(3);
  expect(Object.keys(faults).length).toBeGreaterThan(3);
}, 300_000);

test('each message arrives once and in order while tokens expire within seconds and getToken fails', async () => {
  const trial = { messages: 60, cutEvery: 3_000, seed: 1, faults: SERVICE_FAULTS, seconds: 10, tokens: 3 };
  const { sent, stored, received, echoed, counts, restarts } = await exactlyOnce(trial);
  expect(stored).toEqual(sent);
  expect(received).toEqual(sent);
  expect(echoed).toEqual(sent);
  expect(counts.cuts).toBeGreaterThan(2);
  expect(counts.renewals).toBeGreaterThan(0);
  expect(restarts).toBe(3);
}, 300_000);
