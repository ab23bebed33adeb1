import { isPassing } from './errors.ts';
import type { Ask } from './session.ts';
import { type Backoff, sleep } from './timing.ts';

/** Asks what may be asked twice until there is an answer: so many times again, or for ever. @throws RequestError a refusal, or the last failure */
export const withRetry =
  (ask: Ask, backoff: Backoff, attempts?: number): Ask =>
  async (request) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(request);
      } catch (error) {
        if (!isPassing(error) || attempt === attempts) throw error;
        await sleep(error.retryAfterMs ?? backoff(attempt));
      }
    }
  };
