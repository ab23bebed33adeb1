import type { Runtime } from '../../chat/ports.ts';
import { backOff } from '../../store/back-off.ts';
import { currentInvocation } from './invocation.ts';

// The first wait is about as long as a write takes; the last ones leave a crowd of hundreds room.
const WAITS = [10, 400] as const;

/** The clock, ids that are unique, and waits. */
export const lambdaRuntime: Runtime = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  timeLeft: () => currentInvocation().deadline - Date.now(),
  backOff: (failures) => backOff(failures, WAITS),
};
