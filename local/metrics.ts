import { Counter, Histogram, Registry } from 'prom-client';
import type { Sample } from './emf.ts';

/** A metric under its name in the functions and in Prometheus. */
interface Known {
  name: string;
  unit: string;
  metric: Counter<Label> | Histogram<Label>;
  /** The totals at the last call of `changes`. */
  told: ReadonlyMap<string, number>;
}

/** The change of a metric over all functions since the last call. */
export interface Change {
  name: string;
  unit: string;
  sum: number;
  /** Returns the bucket bound above a quantile; undefined for a counter. */
  quantile?(share: number): number;
}

// Functions share one dimension (lambdas/runtime/metrics.ts); only the local cloud knows which function logged a line.
const LABELS = ['service', 'function'] as const;
type Label = (typeof LABELS)[number];

const MILLISECONDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

const boundsOf = (unit: string): readonly number[] => (unit === 'Milliseconds' ? MILLISECONDS : SIZES);
/** Prometheus uses seconds. */
const scaleOf = (unit: string): number => (unit === 'Milliseconds' ? 1_000 : 1);

/** Collects the metrics that functions log, as Prometheus text and as changes. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #known = new Map<string, Known>();

  /** The content type of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics since the start, as Prometheus text. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Adds the metrics of a function's log line. */
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

  /** The changes since the last call. */
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

/** A metric's totals over all labels: `sum`, and for a histogram `count` and the cumulative count of each bucket. */
async function totalsOf(metric: Known['metric']): Promise<Map<string, number>> {
  const { values } = await metric.get();
  const totals = new Map<string, number>();
  // The library's types lack the bucket label and say that every value has a name.
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
