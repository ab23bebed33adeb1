import type { FanOut, Later } from '../chat/ports.ts';

/** What is done later goes through a queue, to the function `fan-out`. */
export const later: Later = {
  async fanOut(rest, wait = false) {
    // Few messages ever need it, so its client is loaded by the first that does.
    const { send } = await import('./queue.ts');
    await send(JSON.stringify(rest satisfies FanOut), wait);
  },
};
