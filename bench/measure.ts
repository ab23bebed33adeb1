import { percentile } from './numbers.ts';

/** What a measurement came to; times in milliseconds. */
export interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

/**
 * Repeats something for some time, several side by side, each again as soon as it is done.
 * @returns how often a second, and how long each took
 */
export async function repeat(
  workers: readonly (() => Promise<unknown>)[],
  milliseconds: number,
): Promise<Measured> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + milliseconds;
  await Promise.all(
    workers.map(async (work) => {
      while (performance.now() < end) {
        const at = performance.now();
        await work();
        times.push(performance.now() - at);
      }
    }),
  );
  return summary(times, performance.now() - started);
}

export const summary = (times: readonly number[], milliseconds: number): Measured => ({
  perSecond: (times.length * 1000) / milliseconds,
  p50: percentile(times, 0.5),
  p99: percentile(times, 0.99),
});
