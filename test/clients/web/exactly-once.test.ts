import { expect, test } from 'vitest';
import { exactlyOnce, SERVICE_FAULTS } from '../sdk/exactly-once.ts';
import { inChromium, launched } from './chromium-device.ts';
import { chromiumPath, LACKING } from './chromium-path.ts';

test('in a browser, too, each message arrives once and in order while tokens run out and sockets are cut', async ({
  skip,
}) => {
  // Where CI runs, there must be one.
  skip(!chromiumPath() && process.env.CI === undefined, LACKING);
  const browser = await launched();
  const { sent, stored, received, echoed, restarts } = await exactlyOnce({
    ...{ messages: 60, cutEvery: 3_000, seed: 1, faults: SERVICE_FAULTS, seconds: 10, tokens: 3 },
    least: { cuts: 3, renewals: 1 },
    devices: inChromium(browser),
  }).finally(() => browser.close());
  expect(stored).toEqual(sent);
  expect(received).toEqual(sent);
  expect(echoed).toEqual(sent);
  expect(restarts).toBe(3);
});
