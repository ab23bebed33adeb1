import type { World } from '../chat/ports.ts';

// The first wait is about as long as a write takes; the last ones leave a crowd of hundreds room.
const [FIRST, LONGEST] = [10, 400];

// Until an invocation begins there is no end to it.
let deadline = Number.POSITIVE_INFINITY;

/** An invocation begins; an instance has one at a time. @param remaining milliseconds until Lambda stops it */
export function begins(remaining: number): void {
  deadline = Date.now() + remaining;
}

/** The clock, ids that are unique, and full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015). */
export const world: World = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  timeLeft: () => deadline - Date.now(),
  backOff: (failures) =>
    new Promise((done) => setTimeout(done, Math.random() * Math.min(LONGEST, FIRST * 2 ** failures))),
};
