import { median, percentile } from '../harness/numbers.ts';

/** The samples of one round: each duration, and that of the round, in milliseconds. */
export interface Samples {
  times: number[];
  milliseconds: number;
}

/** Throughput and percentiles of samples; times in milliseconds. */
export interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
}

/**
 * Runs workers concurrently for some time, each again as soon as it is done.
 * @param workers each may return its own duration; otherwise its run is timed
 */
export async function repeat(
  workers: readonly (() => Promise<number | unknown>)[],
  milliseconds: number,
): Promise<Samples> {
  const times: number[] = [];
  const started = performance.now();
  const end = started + milliseconds;
  await Promise.all(
    workers.map(async (work) => {
      while (performance.now() < end) {
        const at = performance.now();
        const took = await work();
        times.push(typeof took === 'number' ? took : performance.now() - at);
      }
    }),
  );
  return { times, milliseconds: performance.now() - started };
}

/** The figures of several rounds together. */
export function figures(rounds: readonly Samples[]): Figures {
  const times = rounds.flatMap((round) => round.times);
  const milliseconds = rounds.reduce((sum, round) => sum + round.milliseconds, 0);
  return {
    perSecond: (times.length * 1000) / milliseconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

/**
 * The ratios to the baseline's figures: the median over the rounds, each divided by the baseline's round next to it, so that
 * a slow moment of the machine affects both.
 */
export function ratios(rounds: readonly Samples[], baseline: readonly Samples[]): Figures {
  const pairs = rounds.map((round, index) => {
    const beside = baseline[index];
    return [figures([round]), figures(beside ? [beside] : [])] as const;
  });
  const ratio = (figure: keyof Figures) => median(pairs.map(([one, other]) => one[figure] / other[figure]));
  return { perSecond: ratio('perSecond'), p50: ratio('p50'), p99: ratio('p99') };
}
