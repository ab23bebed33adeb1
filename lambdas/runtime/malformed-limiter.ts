import type { Bucket } from '../../chat/model.ts';
import { filled, waitFor } from '../../chat/rate-limits/buckets.ts';
import { remember } from '../../chat/rate-limits/remember.ts';
import { tooFast } from '../../protocol/index.ts';
import { malformedRate } from './config.ts';
import { lambdaRuntime } from './lambda-runtime.ts';

const CONNECTIONS = 10_000;

/**
 * Counts malformed frames, in memory only, so that none costs a write. Each instance of a function counts separately.
 * @returns a function that counts one for a connection, and throws ChatError `rate_limited` if there were too many lately
 */
export function malformedLimiter(): (connectionId: string) => void {
  const rate = malformedRate();
  const levels = new Map<string, Bucket>();
  return (connectionId) => {
    if (rate === undefined) return;
    const now = lambdaRuntime.now();
    const found = levels.get(connectionId);
    const wait = waitFor(found, 1, rate, now);
    if (wait > 0) throw tooFast('Too many malformed frames.', wait);
    remember(levels, connectionId, filled(found, 1, rate.perSecond, now).level, CONNECTIONS);
  };
}
