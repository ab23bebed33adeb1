import { chromium } from 'playwright-core';
import { expect, inject, test } from 'vitest';
import { exactlyOnce, SERVICE_FAULTS } from '../sdk/exactly-once.ts';
import { inChromium } from './chromium-device.ts';

test.skipIf(inject('browserEndpoint') === '')(
  'in a browser, too, each message arrives once and in order while tokens run out and sockets are cut',
  async () => {
    const browser = await chromium.connect(inject('browserEndpoint'));
    const { sent, stored, received, echoed, counts, restarts } = await exactlyOnce({
      ...{ messages: 60, cutEvery: 3_000, seed: 1, faults: SERVICE_FAULTS, seconds: 10, tokens: 3 },
      devices: inChromium(browser),
    }).finally(() => browser.close());
    expect(stored).toEqual(sent);
    expect(received).toEqual(sent);
    expect(echoed).toEqual(sent);
    expect(counts.cuts).toBeGreaterThan(2);
    expect(counts.renewals).toBeGreaterThan(0);
    expect(restarts).toBe(3);
  },
  300_000,
);
