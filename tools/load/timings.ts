import { build, type Histogram } from 'hdr-histogram-js';

/** A percentile, in milliseconds; `of` is the percentage. */
export interface Percentile {
  of: number;
  ms: number;
}

/** A summary of times, in milliseconds. */
export interface Summary {
  count: number;
  mean: number;
  max: number;
  percentiles: Percentile[];
}

/** One second of a run, by the arrival of replies and messages. */
export interface Second {
  /** 1, 2, 3, … */
  second: number;
  sent: number;
  received: number;
  sentMs: { p50: number; p99: number };
  receivedMs: { p50: number; p99: number };
}

/** The percentages of a summary, dense enough to draw a curve through: 0, 50, 75, 87.5, … and the usual ones. */
const PERCENTAGES = [
  0, 10, 25, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.25, 99.5, 99.7, 99.8, 99.9, 99.95, 99.99,
  99.999, 100,
];
const MICROSECONDS = 1_000;
// Longer than any run. The histogram keeps three digits of each value.
const HIGHEST = 2 * 60 * 60 * 1_000 * MICROSECONDS;

/** Times in an HDR histogram, which keeps three digits of each. */
export class Timings {
  readonly #all: Histogram = histogram();
  readonly #recent: Histogram = histogram();

  add(ms: number): void {
    const value = Math.min(HIGHEST, Math.max(1, Math.round(ms * MICROSECONDS)));
    this.#all.recordValue(value);
    this.#recent.recordValue(value);
  }

  get summary(): Summary {
    const all = this.#all;
    return {
      count: all.totalCount,
      mean: all.totalCount === 0 ? 0 : milliseconds(all.mean),
      max: milliseconds(all.maxValue),
      // The histogram returns the upper bound of a bucket, which may exceed the maximum.
      percentiles: PERCENTAGES.map((of) => ({
        of,
        ms: milliseconds(Math.min(all.maxValue, all.getValueAtPercentile(of))),
      })),
    };
  }

  /** Summarises the times since the last call. */
  recent(): { count: number; p50: number; p99: number } {
    const { totalCount: count } = this.#recent;
    const [p50, p99] = [50, 99].map((of) => milliseconds(this.#recent.getValueAtPercentile(of)));
    this.#recent.reset();
    return { count, p50: p50 ?? 0, p99: p99 ?? 0 };
  }
}

/** A summary's value at a percentage. */
export const at = ({ percentiles }: Summary, percentage: number): number =>
  percentiles.find(({ of }) => of === percentage)?.ms ?? Number.NaN;

const histogram = () =>
  build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST,
    numberOfSignificantValueDigits: 3,
  });

const milliseconds = (value: number): number => Math.round(value) / MICROSECONDS;
