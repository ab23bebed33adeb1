import { tooFast } from '../../protocol/index.ts';
import { OutcomeUnknown, Unavailable } from '../errors.ts';
import type { Bucket, Millis, Rate } from '../model.ts';
import type { RateLimiter, RateLimits, Runtime } from '../ports.ts';
import { type Filling, fill, leaked, waitFor } from './buckets.ts';
import { remember } from './remember.ts';

// One read and one write for each batch: 0.05 write units for a message. Each Lambda instance admits less than a batch
// before it writes to the table. Requests that it has not written when it ends are never counted.
const BATCH = 20;
const MAX_KEYS = 10_000;
// The wait after losing too many races, where each request must be counted before it is admitted.
const CONTENDED_WAIT: Millis = 1_000;

/** What this instance remembers of one user or address. */
interface Tally {
  /** Admitted, but not in the bucket yet. */
  count: number;
  /** The bucket has no room before this time. */
  full: Millis;
}

interface RateLimiterOptions {
  /**
   * The part of the burst that one instance may admit before it updates the shared bucket; 1/5 if absent. If that is
   * less than one request, each request is counted before it is admitted.
   */
  share?: number;
}

/**
 * A rate limiter that counts in memory and adds a batch at a time to the bucket that all instances share. `charge`
 * overfills the bucket by at most one burst, so nobody waits longer than two bursts take to leak.
 * @param what the kind of request, like `messages`
 */
export function rateLimiterOf(
  rateLimits: RateLimits,
  what: string,
  rate: Rate | undefined,
  runtime: Runtime,
  { share = 1 / 5 }: RateLimiterOptions = {},
): RateLimiter {
  if (rate === undefined) return { admit: async () => {}, charge: async () => {} };
  const { perSecond, burst } = rate;
  const tallies = new Map<string, Tally>();
  const batch = Math.min(BATCH, Math.floor(burst * share));
  const refusal = (wait: Millis) => tooFast(`Too many ${what}.`, wait);

  const tallyOf = (whose: string): Tally => {
    const tally = tallies.get(whose) ?? { count: 0, full: 0 };
    remember(tallies, whose, tally, MAX_KEYS);
    return tally;
  };

  async function fillShared(
    whose: string,
    fillingOf: (found: Bucket | undefined, now: Millis) => FillAmount,
  ) {
    const id = `${what} of ${whose}`;
    const now = runtime.now();
    const found = (await rateLimits.getMany([id])).get(id);
    return fill(rateLimits, id, { perSecond, ...fillingOf(found, now) }, now, found);
  }

  return {
    async admit(whose, price = 1, paid = 0) {
      const tally = tallyOf(whose);
      const now = runtime.now();
      if (now < tally.full) throw refusal(tally.full - now);
      const amount = tally.count + price;
      if (amount < batch) {
        tally.count = amount;
        return;
      }
      // A request that costs more than a whole burst must still fit a bucket that holds nothing else.
      const fits = Math.min(amount, burst - paid);
      const result = await fillShared(whose, () => ({
        amount,
        waitOf: (is) => waitFor(is, fits, rate, now),
      }));
      if (result === 'contended') {
        if (batch <= 1) throw refusal(CONTENDED_WAIT);
        tally.count = amount;
      } else if ('wait' in result) {
        // Without the time for `paid`, a client that waits exactly as long as it is told would never get through.
        const wait = result.wait + Math.ceil((paid / perSecond) * 1000);
        tally.full = now + wait;
        throw refusal(wait);
      } else tally.count = 0;
    },

    async charge(whose, price) {
      const tally = tallyOf(whose);
      tally.count += price;
      if (tally.count < batch) return;
      const amount = tally.count;
      tally.count = 0;
      const result = await fillShared(whose, (found, now) => ({
        amount: Math.min(amount, Math.max(0, 2 * burst - leaked(found, perSecond, now))),
      })).catch((error: unknown) => {
        // The request has already succeeded, so its reply must not be `busy`.
        if (!(error instanceof Unavailable || error instanceof OutcomeUnknown)) throw error;
        return 'contended' as const;
      });
      if (result === 'contended') tally.count = amount;
      else if ('level' in result) {
        const now = runtime.now();
        tally.full = now + waitFor(result.level, 1, rate, now);
      }
    },
  };
}

type FillAmount = Pick<Filling, 'amount' | 'waitOf'>;
