import type { Runtime } from '../../chat/ports.ts';
import { backOff } from '../../store/back-off.ts';
import { currentInvocation } from './invocation.ts';

// The first wait is about as long as a write; the last ones are long enough for hundreds of concurrent senders.
const WAITS = [10, 400] as const;

/** The clock, unique ids, and waits. */
export const lambdaRuntime: Runtime = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  timeLeft: () => currentInvocation().deadline - Date.now(),
  backOff: (failures) => backOff(failures, WAITS),
  pause: (time) => new Promise((done) => setTimeout(done, time)),
};
