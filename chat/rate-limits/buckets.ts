import type { Bucket, Millis, Rate } from '../model.ts';
import type { RateLimits } from '../ports.ts';

/** What is left in a bucket that leaks (Turner, "New Directions in Communications", 1986): events fill it, time empties it. */
export const leaked = (found: Bucket | undefined, perSecond: number, now: Millis): number =>
  found === undefined ? 0 : Math.max(0, found.level - (Math.max(0, now - found.at) / 1000) * perSecond);

/** Milliseconds until so many more fit into a bucket; 0 if they do. */
export function waitFor(found: Bucket | undefined, amount: number, rate: Rate, now: Millis): Millis {
  const surplus = leaked(found, rate.perSecond, now) + amount - rate.burst;
  return surplus <= 0 ? 0 : Math.ceil((surplus / rate.perSecond) * 1000);
}

/** The bucket with so many more in it, or fewer, and when it will be empty. */
export function filled(
  found: Bucket | undefined,
  amount: number,
  perSecond: number,
  now: Millis,
): { level: Bucket; empty: Millis } {
  const level = Math.max(0, leaked(found, perSecond, now) + amount);
  // Whoever's clock is ahead has let out more already.
  const at = Math.max(now, found?.at ?? 0);
  return { level: { level, at }, empty: at + Math.ceil((level / perSecond) * 1000) };
}

// Others fill the same bucket at the same moment.
const ATTEMPTS = 8;

/** How a bucket is filled. */
export interface Filling {
  /** Below 0, it is taken out. */
  amount: number;
  perSecond: number;
  /** Milliseconds until it may be, for what is in it; absent, it may be at once. */
  waitOf?: (found: Bucket | undefined) => Millis;
  /** How long the bucket is kept at least. */
  keep?: Millis;
}

/**
 * Fills a bucket, unless that has to wait.
 * @param found what is in it, where the caller has just read it; stale is fine
 * @returns what is in it then, or how long to wait; `contended` if others were first too often
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
    const stood = await rateLimits.set(id, current, level, Math.max(empty, now + keep));
    if (stood === undefined) return { level };
    current = stood;
  }
  return 'contended';
}

/**
 * Puts so many into a bucket, if they fit.
 * @param found what is in it, where the caller has just read it; stale is fine
 * @returns 0 if it was done, else the milliseconds until it may be; `contended` if others were first too often
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
