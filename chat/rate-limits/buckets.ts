import type { Bucket, Millis, Rate } from '../model.ts';
import type { RateLimits } from '../ports.ts';

/** The level of a leaky bucket now (Turner, "New Directions in Communications", 1986): events fill it, time empties it. */
export const leaked = (found: Bucket | undefined, perSecond: number, now: Millis): number =>
  found === undefined ? 0 : Math.max(0, found.level - (Math.max(0, now - found.at) / 1000) * perSecond);

/** Milliseconds until `amount` more fits into a bucket; 0 if it fits now. */
export function waitFor(found: Bucket | undefined, amount: number, rate: Rate, now: Millis): Millis {
  const surplus = leaked(found, rate.perSecond, now) + amount - rate.burst;
  return surplus <= 0 ? 0 : Math.ceil((surplus / rate.perSecond) * 1000);
}

/** The bucket with `amount` added (removed, if negative), and when it will be empty. */
export function filled(
  found: Bucket | undefined,
  amount: number,
  perSecond: number,
  now: Millis,
): { level: Bucket; empty: Millis } {
  const level = Math.max(0, leaked(found, perSecond, now) + amount);
  // An instance whose clock is ahead has already leaked up to `found.at`.
  const at = Math.max(now, found?.at ?? 0);
  return { level: { level, at }, empty: at + Math.ceil((level / perSecond) * 1000) };
}

// Other instances may fill the same bucket at the same moment.
const ATTEMPTS = 8;

/** How to fill a bucket. */
export interface Filling {
  /** Negative amounts are taken out. */
  amount: number;
  perSecond: number;
  /** Milliseconds to wait, given the bucket as it is; absent, none. */
  waitOf?: (found: Bucket | undefined) => Millis;
  /** The minimum time to keep the bucket. */
  keep?: Millis;
}

/**
 * Fills a bucket, unless the caller has to wait.
 * @param found the bucket, if the caller has just read it; may be stale
 * @returns the new level, or how long to wait; `contended` after losing to other writers too often
 */
export async function fill(
  rateLimits: RateLimits,
  id: string,
  { amount, perSecond, waitOf = () => 0, keep = 0 }: Filling,
  now: Millis,
  found?: Bucket,
): Promise<{ level: Bucket } | { wait: Millis } | 'contended'> {
  let current = found;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const wait = waitOf(current);
    if (wait > 0) return { wait };
    const { level, empty } = filled(current, amount, perSecond, now);
    const newer = await rateLimits.set(id, current, level, Math.max(empty, now + keep));
    if (newer === undefined) return { level };
    current = newer;
  }
  return 'contended';
}

/**
 * Adds `amount` to a bucket if it fits.
 * @param found the bucket, if the caller has just read it; may be stale
 * @returns 0 if it was added, else the milliseconds until it fits; `contended` after losing to other writers too often
 */
export async function take(
  rateLimits: RateLimits,
  id: string,
  amount: number,
  rate: Rate,
  now: Millis,
  found?: Bucket,
): Promise<Millis | 'contended'> {
  const waitOf = (current: Bucket | undefined) => waitFor(current, amount, rate, now);
  const done = await fill(rateLimits, id, { amount, perSecond: rate.perSecond, waitOf }, now, found);
  if (done === 'contended') return done;
  return 'wait' in done ? done.wait : 0;
}
