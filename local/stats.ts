import type { Change } from './metrics.ts';

/** Formats the metrics of an interval: rates, then durations; empty if there are none. */
export function statsOf(changes: readonly Change[], seconds: number): string {
  const often = changes
    .filter(({ quantile }) => quantile === undefined)
    .map(({ name, sum }) => `${name} ${short(sum / seconds)}/s`);
  const long = changes.flatMap(({ name, unit, quantile }) => {
    const suffix = unit === 'Milliseconds' ? ' ms' : '';
    return quantile ? [`${name} p50 ${bound(quantile(0.5))} p99 ${bound(quantile(0.99))}${suffix}`] : [];
  });
  return [often, long]
    .filter((group) => group.length > 0)
    .map((group) => group.join(' · '))
    .join('\n             ');
}

const bound = (value: number): string => (Number.isFinite(value) ? `≤ ${value}` : 'off the scale');

const short = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
