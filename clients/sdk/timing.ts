import { failure, RequestError } from './errors.ts';

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
  /** Silence, in both directions, until a ping: API Gateway ends a connection after 10 minutes of it. */
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

export const standardTiming: Timing = {
  retryFirst: 500,
  retryMost: 30_000,
  login: 15_000,
  request: 15_000,
  ping: 300_000,
  silence: 180_000,
  late: 4_000,
  pong: 10_000,
  renew: 110 * 60_000,
  gap: 150,
  tick: 30_000,
  sleep: 90_000,
};

/** @param attempt 0, 1, 2, … @returns milliseconds to wait before it */
export type Backoff = (attempt: number) => number;

/** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). @param random 0 to 1 */
export const backingOff =
  ({ retryFirst, retryMost }: Pick<Timing, 'retryFirst' | 'retryMost'>, random: () => number): Backoff =>
  (attempt) =>
    random() * Math.min(retryMost, retryFirst * 2 ** attempt);

/** Fulfills a promise, or with an error rejects it. */
export type Settle<T> = (outcome: T | RequestError) => void;

/**
 * Waits for what `begin` sees to; `end` is called as soon as it is settled.
 * @throws RequestError what it was settled with, or `timed_out`
 */
export const within = <T>(
  ms: number,
  begin: (settle: Settle<T>) => void,
  end?: (settle: Settle<T>) => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const settle: Settle<T> = (outcome) => {
      clearTimeout(timer);
      end?.(settle);
      if (outcome instanceof RequestError) reject(outcome);
      else resolve(outcome);
    };
    const timer = setTimeout(() => settle(failure('timed_out')), ms);
    begin(settle);
  });

/** In milliseconds; keeps no process alive. */
export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, ms);
    // Node: a connection keeps a process alive, and not that somebody waits for one.
    (timer as { unref?(): void }).unref?.();
  });
