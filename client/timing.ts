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
  /** Silence until a ping; API Gateway ends a connection after 10 minutes of it. */
  ping: number;
  /** How long the answer to a ping may take. */
  pong: number;
  /** When to open the next connection; API Gateway ends each after 2 hours. */
  renew: number;
  /** How long to wait for a message that another one has overtaken, before it is asked for. */
  gap: number;
}

export const standardTiming: Timing = {
  retryFirst: 500,
  retryMost: 30_000,
  login: 15_000,
  request: 15_000,
  ping: 60_000,
  pong: 10_000,
  renew: 110 * 60_000,
  gap: 150,
};

/**
 * How long to wait before an attempt: full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * @param attempt 0, 1, 2, …
 */
export const backoff = (attempt: number, timing: Timing, random: () => number): number =>
  random() * Math.min(timing.retryMost, timing.retryFirst * 2 ** attempt);
