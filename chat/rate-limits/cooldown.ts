import type { Bucket, Millis } from '../model.ts';
import type { Cooldown, RateLimits, World } from '../ports.ts';
import { take, waitFor } from './buckets.ts';
import { remember } from './remember.ts';

const KEPT = 10_000;

/**
 * A pace that asks what this instance remembers first, and then the bucket for one that all instances share: one
 * write each time that it lets something happen.
 * @param what may happen, like `typing`
 * @param every how often, milliseconds
 */
export function cooldownOf(rateLimits: RateLimits, what: string, every: Millis, world: World): Cooldown {
  const known = new Map<string, Bucket>();
  const rate = { perSecond: 1000 / every, burst: 1 };

  return {
    async admit(whose) {
      const id = `${what} of ${whose}`;
      const now = world.now();
      const found = known.get(id);
      if (waitFor(found, 1, rate, now) > 0) return false;
      const wait = await take(rateLimits, id, 1, rate, now, found);
      // Who loses to so many others knows that it is not time.
      const left = wait === 'contended' ? every : wait;
      remember(known, id, { level: 1, at: left === 0 ? now : now + left - every }, KEPT);
      return left === 0;
    },
  };
}
