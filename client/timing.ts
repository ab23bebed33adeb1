import type { limits } from '../protocol/index.ts';

/** All times in milliseconds. */
export interface Timing {
  /** The longest wait before the first attempt to come back; it doubles with each. */
  retryFirst: number;
  /** The longest wait of all. */
  retryMost: number;
  /** From opening to being logged in. */
  login: number;
  /** Until a request counts as unanswered. */
  request: number;
  /**
   * From the last login, ping or message of its own until a ping: so long the service shows a client as online, and API
   * Gateway ends a connection after 10 minutes of silence.
   */
  ping: number;
  /** How long the server may have been silent before it is doubted, and pinged, when something is to be sent. */
  silence: number;
  /** How long a reply may take before the connection is doubted, and pinged. */
  late: number;
  /** How long the answer to a ping may take. */
  pong: number;
  /** When to open the next connection; API Gateway ends each after 2 hours. */
  renew: number;
  /** How long to wait for a message that another one has overtaken, before it is asked for. */
  gap: number;
  /** How often it looks whether the machine was asleep. */
  tick: number;
  /** How late that look is after a sleep. The timers of a page that nobody sees run once a minute, which is none. */
  sleep: number;
}

// The service's own number: the compiler compares them, since a client takes types only from protocol/.
const PING_AFTER: (typeof limits)['pingAfter'] = 300_000;

export const standardTiming: Timing = {
  retryFirst: 500,
  retryMost: 30_000,
  login: 15_000,
  request: 15_000,
  ping: PING_AFTER,
  silence: 180_000,
  late: 4_000,
  pong: 10_000,
  renew: 110 * 60_000,
  gap: 150,
  tick: 30_000,
  sleep: 90_000,
};

/**
 * How long to wait before an attempt: full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * @param attempt 0, 1, 2, …
 */
export const backoff = (attempt: number, timing: Timing, random: () => number): number =>
  random() * Math.min(timing.retryMost, timing.retryFirst * 2 ** attempt);
