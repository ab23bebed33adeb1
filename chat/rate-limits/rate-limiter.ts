import { tooFast } from '../../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from '../errors.ts';
import type { Bucket, Millis, Rate } from '../model.ts';
import type { RateLimiter, RateLimits, World } from '../ports.ts';
import { type Filling, fill, leaked, waitFor } from './buckets.ts';
import { remember } from './remember.ts';

// A read and a write for so much: 0.05 write units for a message. Each instance of the function that somebody's requests are
// spread over lets less than that through before it counts it; what it still holds when it ends is counted nowhere.
const BATCH = 20;
const KEPT = 10_000;
// Who loses so many races is refused, where each one has to be counted first.
const AGAIN: Millis = 1_000;

/** What this instance knows of somebody. */
interface Tally {
  /** Let through, and not in the bucket yet. */
  count: number;
  /** Until when there is no room. */
  full: Millis;
}

interface RateLimiterOptions {
  /**
   * The part of the burst that an instance may let through before it counts it where all see it; 1/5 if absent. What is
   * less than one in each instance is counted before it is let through.
   */
  share?: number;
}

/**
 * A meter that counts in memory, and puts a batch at a time into the bucket that all instances share. What is charged
 * afterwards overfills the bucket by one burst at most, so that nobody waits longer than two bursts take to leak.
 * @param what is counted, like `messages`
 */
export function rateLimiterOf(
  rateLimits: RateLimits,
  what: string,
  rate: Rate | undefined,
  world: World,
  { share = 1 / 5 }: RateLimiterOptions = {},
): RateLimiter {
  if (rate === undefined) return { admit: async () => {}, charge: async () => {} };
  const { perSecond, burst } = rate;
  const tallies = new Map<string, Tally>();
  const batch = Math.min(BATCH, Math.floor(burst * share));
  const refusal = (wait: Millis) => tooFast(`Too many ${what}.`, wait);

  const tallyOf = (whose: string): Tally => {
    const tally = tallies.get(whose) ?? { count: 0, full: 0 };
    remember(tallies, whose, tally, KEPT);
    return tally;
  };

  async function pour(whose: string, fillingOf: (found: Bucket | undefined, now: Millis) => Pour) {
    const id = `${what} of ${whose}`;
    const now = world.now();
    const found = (await rateLimits.getMany([id])).get(id);
    return fill(rateLimits, id, { perSecond, ...fillingOf(found, now) }, now, found);
  }

  return {
    async admit(whose, price = 1) {
      const tally = tallyOf(whose);
      const now = world.now();
      if (now < tally.full) throw refusal(tally.full - now);
      const amount = tally.count + price;
      if (amount < batch) {
        tally.count = amount;
        return;
      }
      // What is dearer than a whole burst fits an empty bucket.
      const fits = Math.min(amount, burst);
      const done = await pour(whose, () => ({ amount, waitOf: (is) => waitFor(is, fits, rate, now) }));
      if (done === 'contended') {
        if (batch <= 1) throw refusal(AGAIN);
        tally.count = amount;
      } else if ('wait' in done) {
        tally.full = now + done.wait;
        throw refusal(done.wait);
      } else tally.count = 0;
    },

    async charge(whose, price) {
      const tally = tallyOf(whose);
      tally.count += price;
      if (tally.count < batch) return;
      const amount = tally.count;
      tally.count = 0;
      const done = await pour(whose, (found, now) => ({
        amount: Math.min(amount, Math.max(0, 2 * burst - leaked(found, perSecond, now))),
      })).catch((error: unknown) => {
        // It has happened, so its answer must not be `busy`.
        if (!(error instanceof Unavailable || error instanceof OutcomeUnknown)) throw error;
        return 'contended' as const;
      });
      if (done === 'contended') tally.count = amount;
      else if ('level' in done) {
        const now = world.now();
        tally.full = now + waitFor(done.level, 1, rate, now);
      }
    },
  };
}

type Pour = Pick<Filling, 'amount' | 'waitOf'>;
