import type { Millis } from '../chat/model.ts';

/**
 * Waits with full jitter (Brooker, "Exponential Backoff and Jitter", AWS 2015).
 * @param failures 0, 1, 2, …; the longest wait doubles with each
 */
export const backOff = (failures: number, [first, most]: readonly [Millis, Millis]): Promise<void> =>
  new Promise((done) => setTimeout(done, Math.random() * Math.min(most, first * 2 ** failures)));
