import { filled, waitFor } from '../chat/buckets.ts';
import type { Level } from '../chat/ports.ts';
import { tooFast } from '../protocol/index.ts';
import { malformed } from './policy.ts';
import { world } from './world.ts';

// In memory only: a malformed frame must not cost a write. Each instance of a function counts for itself.
const levels = new Map<string, Level>();
const CONNECTIONS = 10_000;

/**
 * Counts a malformed frame.
 * @throws ChatError `rate_limited` if there were too many on this connection lately
 */
export function refuseFlood(connectionId: string): void {
  if (malformed === undefined) return;
  const now = world.now();
  const found = levels.get(connectionId);
  const wait = waitFor(found, 1, malformed, now);
  if (wait > 0) throw tooFast('Too many malformed frames.', wait);
  levels.delete(connectionId);
  levels.set(connectionId, filled(found, 1, malformed.perSecond, now).level);
  const [oldest] = levels.keys();
  if (levels.size > CONNECTIONS && oldest !== undefined) levels.delete(oldest);
}
