import { isPassing } from './errors.ts';
import type { Ask } from './session.ts';
import { backoff, type Timing } from './timing.ts';

const ATTEMPTS = 8;

/** Asks what may be asked twice again and again, until there is an answer. @throws RequestError a refusal, or the last failure */
export const insisting =
  (ask: Ask, timing: Timing, random: () => number, attempts = ATTEMPTS): Ask =>
  async (request) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask(request);
      } catch (error) {
        if (!isPassing(error) || attempt === attempts) throw error;
        const wait = error.retryAfterMs ?? backoff(attempt, timing, random);
        await new Promise((resolve) => {
          const timer: unknown = setTimeout(resolve, wait);
          // Node: a connection keeps a process alive, and not that somebody waits for one.
          (timer as { unref?(): void }).unref?.();
        });
      }
    }
  };
