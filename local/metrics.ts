import { Counter, Histogram, Registry } from 'prom-client';
import type { Sample } from './emf.ts';

/** A metric, as the functions and as Prometheus know it. */
interface Known {
  name: string;
  unit: string;
  metric: Counter<Label> | Histogram<Label>;
  /** What `totalsOf` gave when `changes` was last asked. */
  told: ReadonlyMap<string, number>;
}

/** What became of a metric over all functions since it was last asked. */
export interface Change {
  name: string;
  unit: string;
  sum: number;
  /** An upper bound of a quantile, as the buckets have it; undefined for a counter. */
  quantile?(share: number): number;
}

// Functions have one dimension (lambdas/runtime/metrics.ts); which of them it was is known here alone.
const LABELS = ['service', 'function'] as const;
type Label = (typeof LABELS)[number];

const MILLISECONDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

const boundsOf = (unit: string): readonly number[] => (unit === 'Milliseconds' ? MILLISECONDS : SIZES);
/** Prometheus has times in seconds. */
const scaleOf = (unit: string): number => (unit === 'Milliseconds' ? 1_000 : 1);

/** What functions measure, as they log it: in Prometheus' text form, and as changes. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #known = new Map<string, Known>();

  /** Of the text form. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All since the start, in Prometheus' text form. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Takes in what a function measured. */
  add(functionName: string, samples: readonly Sample[]): void {
    for (const sample of samples) {
      const { metric, unit } = this.#knownOf(sample);
      const labels = { service: sample.labels.service ?? '', function: functionName };
      for (const value of sample.values) {
        if (metric instanceof Counter) metric.inc(labels, value);
        else metric.observe(labels, value / scaleOf(unit));
      }
    }
  }

  /** What changed since the last call. */
  async changes(): Promise<Change[]> {
    const changes = await Promise.all([...this.#known.values()].map(changeOf));
    return changes.flat();
  }

  #knownOf({ namespace, name, unit }: Sample): Known {
    const isCount = unit === 'Count';
    const suffix = isCount ? '_total' : unit === 'Milliseconds' ? '_seconds' : '';
    const full = `${snake(namespace)}_${snake(name)}${suffix}`;
    const found = this.#known.get(full);
    if (found) return found;
    const help = `${namespace} ${name} (${unit}), as the functions log it.`;
    const options = { name: full, help, labelNames: LABELS, registers: [this.#registry] };
    const buckets = boundsOf(unit).map((bound) => bound / scaleOf(unit));
    const metric = isCount ? new Counter(options) : new Histogram({ ...options, buckets });
    const known = { name, unit, metric, told: new Map() };
    this.#known.set(full, known);
    return known;
  }
}

async function changeOf(known: Known): Promise<Change[]> {
  const { name, unit, metric, told } = known;
  const now = await totalsOf(metric);
  known.told = now;
  const more = (of: string | number) => (now.get(`${of}`) ?? 0) - (told.get(`${of}`) ?? 0);
  const scale = scaleOf(unit);
  const sum = more('sum') * scale;
  if (metric instanceof Counter) return sum === 0 ? [] : [{ name, unit, sum }];
  const count = more('count');
  const quantile = (share: number) =>
    boundsOf(unit).find((bound) => more(bound / scale) >= share * count) ?? Number.POSITIVE_INFINITY;
  return count === 0 ? [] : [{ name, unit, sum, quantile }];
}

interface Value {
  value: number;
  labels: { le?: string | number };
  metricName?: string;
}

/** A metric's values over all its labels: `sum`, and for a histogram `count` and how many are up to each bound. */
async function totalsOf(metric: Known['metric']): Promise<Map<string, number>> {
  const { values } = await metric.get();
  const totals = new Map<string, number>();
  // Its types know neither the label of a bucket nor that a counter's values have no name.
  for (const { value, labels, metricName } of values as readonly Value[]) {
    const of = `${labels.le ?? (metricName?.endsWith('_count') ? 'count' : 'sum')}`;
    totals.set(of, (totals.get(of) ?? 0) + value);
  }
  return totals;
}

/** `SendToPost` → `send_to_post`. */
const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
