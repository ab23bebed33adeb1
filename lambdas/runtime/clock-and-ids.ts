import type { World } from '../../chat/ports.ts';
import { currentInvocation } from './invocation.ts';

// The first wait is about as long as a write takes; the last ones leave a crowd of hundreds room.
const [FIRST, LONGEST] = [10, 400];

/** The clock, ids that are unique, and full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015). */
export const clockAndIds: World = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  timeLeft: () => currentInvocation().deadline - Date.now(),
  backOff: (failures) =>
    new Promise((done) => setTimeout(done, Math.random() * Math.min(LONGEST, FIRST * 2 ** failures))),
};
