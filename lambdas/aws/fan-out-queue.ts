import type { FanOut } from '../../chat/model.ts';
import type { FanOutQueue } from '../../chat/ports.ts';
import { describe, log } from '../runtime/log.ts';

/** What is done later goes through a queue, to the function `fan-out`. */
export const queue: FanOutQueue = {
  async send(rest, why) {
    if (why !== undefined) {
      const { seq, names, tries } = rest;
      log('warn', 'put off', { seq, members: names?.length, tries, why: describe(why) });
    }
    // Few messages ever need it, so its client is loaded by the first that does.
    const { send } = await import('./sqs.ts');
    await send(JSON.stringify(rest satisfies FanOut), why !== undefined);
  },
};
