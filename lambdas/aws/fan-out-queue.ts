import type { FanOut } from '../../chat/model.ts';
import type { Due, FanOutQueue } from '../../chat/ports.ts';
import { describe, log } from '../runtime/log.ts';

// The range of the random delay after a failure, in seconds, so that delayed parts don't all come back at once.
const [SOONEST, LATEST] = [1, 10];

/** In seconds. */
function delayOf(when: Due | undefined): number | undefined {
  if (when === undefined) return undefined;
  return 'in' in when ? when.in / 1_000 : Math.round(SOONEST + Math.random() * (LATEST - SOONEST));
}

/** Sends parts of a fan-out to the queue of the function `fan-out`. */
export const queue: FanOutQueue = {
  async send(rest, when) {
    if (when && 'after' in when) {
      const { seq, seqs, names, tries } = rest;
      log('warn', 'requeued', { seq, seqs, members: names?.length, tries, why: describe(when.after) });
    }
    // Few messages need the queue, so its client is loaded on first use.
    const { send } = await import('./sqs.ts');
    await send(JSON.stringify(rest satisfies FanOut), delayOf(when));
  },
};
