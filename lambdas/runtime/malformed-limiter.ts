import type { Bucket } from '../../chat/model.ts';
import { filled, waitFor } from '../../chat/rate-limits/buckets.ts';
import { remember } from '../../chat/rate-limits/remember.ts';
import { tooFast } from '../../protocol/index.ts';
import { malformedRate } from './config.ts';
import { lambdaRuntime } from './lambda-runtime.ts';

const CONNECTIONS = 10_000;

/**
 * Counts malformed frames, in memory only: none must cost a write. Each instance of a function counts for itself.
 * @returns counts one of a connection's. It throws ChatError `rate_limited` if there were too many on it lately
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
