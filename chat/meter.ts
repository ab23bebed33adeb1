import { tooFast } from '../protocol/index.ts';
import { take } from './buckets.ts';
import type { Levels, Meter, Millis, Rate, World } from './ports.ts';

// A write for so many: 0.05 units each. The price is that as many more get through for each instance of the function that
// somebody's requests are spread over, once; they are counted all the same.
const BATCH = 20;
const KEPT = 10_000;

/** What this instance knows of somebody. */
interface Tally {
  /** Let through, and not in the bucket yet. */
  count: number;
  /** Until when there is no room. */
  full: Millis;
}

/**
 * A meter that counts in memory, and puts a batch at a time into the bucket that all instances share.
 * @param what is counted, like `messages`
 */
export function meterOf(levels: Levels, what: string, rate: Rate | undefined, world: World): Meter {
  if (rate === undefined) return { admit: async () => {} };
  const tallies = new Map<string, Tally>();
  const batch = Math.max(1, Math.min(BATCH, Math.floor(rate.burst / 5)));
  const refuse = (wait: Millis) => tooFast(`Too many ${what}.`, wait);

  const tallyOf = (whose: string): Tally => {
    const tally = tallies.get(whose) ?? { count: 0, full: 0 };
    // The one who was quiet longest goes first.
    tallies.delete(whose);
    tallies.set(whose, tally);
    const [oldest] = tallies.keys();
    if (tallies.size > KEPT && oldest !== undefined) tallies.delete(oldest);
    return tally;
  };

  return {
    async admit(whose) {
      const tally = tallyOf(whose);
      const now = world.now();
      if (now < tally.full) throw refuse(tally.full - now);
      if (tally.count + 1 < batch) {
        tally.count++;
        return;
      }
      const id = `${what} of ${whose}`;
      const found = (await levels.getMany([id])).get(id);
      const wait = await take(levels, id, tally.count + 1, rate, now, found);
      if (wait === 'contended') tally.count++;
      else if (wait === 0) tally.count = 0;
      else {
        tally.full = now + wait;
        throw refuse(wait);
      }
    },
  };
}
