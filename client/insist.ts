import { isPassing } from './errors.ts';
import type { Ask } from './session.ts';
import { backoff, type Timing } from './timing.ts';

const ATTEMPTS = 8;

/** Asks what may be asked twice again and again, until there is an answer. @throws RequestError a refusal, or the last failure */
export const insisting =
  (ask: Ask, timing: Timing, random: () => number): Ask =>
  async (request) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(request);
      } catch (error) {
        if (!isPassing(error) || attempt === ATTEMPTS) throw error;
        const wait = error.retryAfterMs ?? backoff(attempt, timing, random);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };
