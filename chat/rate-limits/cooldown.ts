import type { Bucket, Millis } from '../model.ts';
import type { Cooldown, RateLimits, Runtime } from '../ports.ts';
import { take, waitFor } from './buckets.ts';
import { remember } from './remember.ts';

const MAX_KEYS = 10_000;

/**
 * A cooldown that checks this instance's memory first and then a bucket of size 1 that all instances share: one write
 * for each event that it admits.
 * @param what the kind of event, like `typing`
 * @param every the interval, in milliseconds
 */
export function cooldownOf(rateLimits: RateLimits, what: string, every: Millis, runtime: Runtime): Cooldown {
  const known = new Map<string, Bucket>();
  const rate = { perSecond: 1000 / every, burst: 1 };

  return {
    async admit(whose) {
      const id = `${what} of ${whose}`;
      const now = runtime.now();
      const found = known.get(id);
      if (waitFor(found, 1, rate, now) > 0) return false;
      const wait = await take(rateLimits, id, 1, rate, now, found);
      // Losing to that many writers means that another instance has just admitted the event.
      const left = wait === 'contended' ? every : wait;
      remember(known, id, { level: 1, at: left === 0 ? now : now + left - every }, MAX_KEYS);
      return left === 0;
    },
  };
}
