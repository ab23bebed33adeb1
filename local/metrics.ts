import { readEmf, type Sample } from './emf.ts';
import type { LogLine } from './lambda/instance.ts';

/** One metric of one function. A counter needs its sum alone. */
interface Series {
  labels: Readonly<Record<string, string>>;
  sum: number;
  count: number;
  /** Values up to each bound of its metric, bound by bound. */
  buckets: number[];
}

interface Metric {
  namespace: string;
  name: string;
  unit: string;
  series: Map<string, Series>;
}

/** What became of a metric over all functions since it was last asked. */
export interface Change {
  name: string;
  unit: string;
  sum: number;
  count: number;
  /** An upper bound of a quantile, as the buckets have it; undefined for a counter. */
  quantile?(share: number): number;
}

const MILLISECONDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const SIZES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

const boundsOf = ({ unit }: Pick<Metric, 'unit'>): readonly number[] =>
  unit === 'Count' ? [] : unit === 'Milliseconds' ? MILLISECONDS : SIZES;

/** What functions measure, as they log it: in Prometheus' text form, and as changes. */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();
  readonly #told = new Map<string, Pick<Series, 'sum' | 'count' | 'buckets'>>();

  /** Takes a line in, if it is of EMF. @returns whether it is */
  add({ function: name, line }: LogLine): boolean {
    const samples = readEmf(line);
    for (const sample of samples ?? []) this.#addSample(sample, name);
    return samples !== undefined;
  }

  /** All since the start, in Prometheus' text form (its documentation: "Exposition formats"). */
  text(): string {
    return [...this.#metrics.values()].map(exposed).join('');
  }

  /** What changed since the last call. */
  changes(): Change[] {
    return [...this.#metrics].flatMap(([key, metric]) => {
      const now = totalOf(metric);
      const before = this.#told.get(key);
      this.#told.set(key, now);
      const count = now.count - (before?.count ?? 0);
      if (count === 0) return [];
      const buckets = now.buckets.map((value, index) => value - (before?.buckets[index] ?? 0));
      const { name, unit } = metric;
      const bounds = boundsOf(metric);
      const quantile = (share: number) =>
        bounds[buckets.findIndex((below) => below >= share * count)] ?? Number.POSITIVE_INFINITY;
      return [
        { name, unit, sum: now.sum - (before?.sum ?? 0), count, ...(bounds.length > 0 && { quantile }) },
      ];
    });
  }

  #addSample({ namespace, name, unit, labels, values }: Sample, functionName: string): void {
    const key = `${namespace} ${name} ${unit}`;
    const metric: Metric = this.#metrics.get(key) ?? { namespace, name, unit, series: new Map() };
    this.#metrics.set(key, metric);
    const bounds = boundsOf(metric);
    const all = { ...labels, function: functionName };
    const id = JSON.stringify(all);
    const series: Series = metric.series.get(id) ?? {
      labels: all,
      sum: 0,
      count: 0,
      buckets: bounds.map(() => 0),
    };
    metric.series.set(id, series);
    for (const value of values) {
      series.sum += value;
      series.count++;
      series.buckets = series.buckets.map((below, index) => below + (value <= (bounds[index] ?? 0) ? 1 : 0));
    }
  }
}

function totalOf(metric: Metric) {
  const all = [...metric.series.values()];
  const sumOf = (of: (series: Series) => number) => all.reduce((sum, each) => sum + of(each), 0);
  return {
    sum: sumOf(({ sum }) => sum),
    count: sumOf(({ count }) => count),
    buckets: boundsOf(metric).map((_, index) => sumOf(({ buckets }) => buckets[index] ?? 0)),
  };
}

/** A metric's lines. Times are in seconds there. */
function exposed(metric: Metric): string {
  const { namespace, name, unit, series } = metric;
  const bounds = boundsOf(metric);
  const isTime = unit === 'Milliseconds';
  const scale = isTime ? 1_000 : 1;
  const base = `${snake(namespace)}_${snake(name)}${isTime ? '_seconds' : ''}`;
  const full = bounds.length === 0 ? `${base}_total` : base;
  const lines = [...series.values()].flatMap(({ labels, sum, count, buckets }) =>
    bounds.length === 0
      ? [`${full}${written(labels)} ${sum}`]
      : [
          ...bounds.map(
            (le, index) => `${full}_bucket${written({ ...labels, le: `${le / scale}` })} ${buckets[index]}`,
          ),
          `${full}_bucket${written({ ...labels, le: '+Inf' })} ${count}`,
          `${full}_sum${written(labels)} ${sum / scale}`,
          `${full}_count${written(labels)} ${count}`,
        ],
  );
  const help = `# HELP ${full} ${namespace} ${name} (${unit}), as the functions log it.`;
  return `${[help, `# TYPE ${full} ${bounds.length === 0 ? 'counter' : 'histogram'}`, ...lines].join('\n')}\n`;
}

const written = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${snake(name)}="${value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`)
    .join(',')}}`;

/** `SendToPost` → `send_to_post`. */
const snake = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
