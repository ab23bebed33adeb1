import { isTransient } from './errors.ts';
import type { Ask } from './session.ts';
import { type Backoff, sleep } from './timing.ts';

/** Repeats an idempotent request until it is answered: `retries` times, or without limit. @throws RequestError */
export const withRetry =
  (ask: Ask, backoff: Backoff, retries?: number): Ask =>
  async (request) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(request);
      } catch (error) {
        if (!isTransient(error) || attempt === retries) throw error;
        await sleep(error.retryAfterMs ?? backoff(attempt));
      }
    }
  };
