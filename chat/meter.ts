import { tooFast } from '../protocol/index.ts';
import { take } from './buckets.ts';
import type { Levels, Meter, Millis, Rate, World } from './ports.ts';

// A write for so many messages: 0.05 units each. The price is that as many more get through for each instance of
// the function that a user's messages are spread over, once; they are counted all the same.
const BATCH = 20;
const USERS = 10_000;

/** What this instance knows of one user. */
interface Tally {
  /** Messages let through that are not in the bucket yet. */
  count: number;
  /** Until when there is no room. */
  full: Millis;
}

/** A meter that counts in memory, and puts a batch at a time into the bucket that all instances share. */
export function meterOf(levels: Levels, rate: Rate | undefined, world: World): Meter {
  const tallies = new Map<string, Tally>();
  if (rate === undefined) return { admit: async () => {} };
  const batch = Math.max(1, Math.min(BATCH, Math.floor(rate.burst / 5)));

  const tallyOf = (username: string): Tally => {
    const tally = tallies.get(username) ?? { count: 0, full: 0 };
    // The one who was quiet longest goes first.
    tallies.delete(username);
    tallies.set(username, tally);
    for (const oldest of tallies.keys()) {
      if (tallies.size <= USERS) break;
      tallies.delete(oldest);
    }
    return tally;
  };

  return {
    async admit(username) {
      const tally = tallyOf(username);
      const now = world.now();
      if (now < tally.full) throw tooFast('Too many messages.', tally.full - now);
      if (tally.count + 1 < batch) {
        tally.count++;
        return;
      }
      const id = `messages of ${username}`;
      const found = (await levels.getMany([id])).get(id);
      const wait = await take(levels, id, tally.count + 1, rate, now, found);
      if (wait > 0) {
        tally.full = now + wait;
        throw tooFast('Too many messages.', wait);
      }
      tally.count = 0;
    },
  };
}
