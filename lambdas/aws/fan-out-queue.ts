import type { FanOut } from '../../chat/model.ts';
import type { FanOutQueue } from '../../chat/ports.ts';
import { describe, log } from '../runtime/log.ts';

/** Sends parts of a fan-out to the queue of the function `fan-out`. */
export const queue: FanOutQueue = {
  async send(rest, why) {
    if (why !== undefined) {
      const { seq, names, tries } = rest;
      log('warn', 'requeued', { seq, members: names?.length, tries, why: describe(why) });
    }
    // Few messages need the queue, so its client is loaded on first use.
    const { send } = await import('./sqs.ts');
    await send(JSON.stringify(rest satisfies FanOut), why !== undefined);
  },
};
