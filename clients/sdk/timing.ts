import { failure, RequestError } from './errors.ts';

/** All times are in milliseconds. */
export interface Timing {
  /** Longest wait before the first reconnect; it doubles with each attempt. */
  retryFirst: number;
  /** Upper limit of that wait. */
  retryMost: number;
  /** Time limit for opening a connection and logging in. */
  login: number;
  /** Time limit for `getToken`. */
  token: number;
  /** Time limit for a request. */
  request: number;
  /** Silence in both directions before a ping; API Gateway closes a connection after 10 minutes of it. */
  ping: number;
  /** Silence of the server after which sending anything also sends a ping. */
  silence: number;
  /** Time without a reply after which the connection is pinged. */
  late: number;
  /** Time limit for the answer to a ping. */
  pong: number;
  /** Age at which a connection is replaced; API Gateway ends it after 2 hours. */
  renew: number;
  /** How long to wait for a late entry before fetching it. */
  gap: number;
  /** How often the client checks whether the machine was asleep. */
  tick: number;
  /** Delay of that check that means sleep. Browsers run timers of hidden pages once a minute, which must not count. */
  sleep: number;
}

export const standardTiming: Timing = {
  retryFirst: 500,
  retryMost: 30_000,
  login: 15_000,
  token: 30_000,
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

/** The longest wait: above this, `setTimeout` fires at once. */
export const LONGEST = 2 ** 31 - 1;

/** @param attempt 0, 1, 2, … @returns milliseconds to wait before it */
export type Backoff = (attempt: number) => number;

/** Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). @param random 0 to 1 */
export const exponentialBackoff =
  ({ retryFirst, retryMost }: Pick<Timing, 'retryFirst' | 'retryMost'>, random: () => number): Backoff =>
  (attempt) =>
    random() * Math.min(retryMost, retryFirst * 2 ** attempt);

/** Resolves a promise, or rejects it if given an error. */
export type Settle<T> = (outcome: T | RequestError) => void;

/**
 * Returns a promise that `begin` settles; `end` is called once it is settled.
 * @throws RequestError what it was settled with, or `late`
 */
export const withTimeout = <T>(
  ms: number,
  begin: (settle: Settle<T>) => void,
  end?: (settle: Settle<T>) => void,
  late = failure('timed_out'),
): Promise<T> =>
  new Promise((resolve, reject) => {
    const settle: Settle<T> = (outcome) => {
      clearTimeout(timer);
      end?.(settle);
      if (outcome instanceof RequestError) reject(outcome);
      else resolve(outcome);
    };
    const timer = setTimeout(() => settle(late), ms);
    begin(settle);
  });

/** Resolves after some milliseconds; doesn't keep the process alive. */
export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, ms);
    // In Node, an open connection keeps the process alive; a timer should not.
    (timer as { unref?(): void }).unref?.();
  });
