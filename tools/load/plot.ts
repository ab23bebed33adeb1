/** A value of a plot, at a place on its x axis. */
export interface Point {
  x: number;
  y: number;
}

/** A line of a plot. */
export interface Series {
  name: string;
  points: readonly Point[];
}

/** An axis: where a value is on it, from 0 at its beginning to 1 at its end, and what is written along it. */
export interface Axis {
  name: string;
  of(value: number): number;
  ticks: readonly { at: number; label: string }[];
}

const [WIDTH, HEIGHT] = [720, 300];
const frame = { left: 64, right: 684, top: 44, bottom: 248 };

/** Draws lines, at most four, as SVG that takes its colours from the page (`pageOf`). */
export function plotOf(title: string, x: Axis, y: Axis, series: readonly Series[]): string {
  const across = (value: number) => tenth(frame.left + x.of(value) * (frame.right - frame.left));
  const up = (value: number) => tenth(frame.bottom - y.of(value) * (frame.bottom - frame.top));
  const lines = series.map(({ points }, at) => {
    const path = points.map((point, index) => `${index ? 'L' : 'M'}${across(point.x)} ${up(point.y)}`);
    return `<path class="line s${at}" d="${path.join('')}"/>`;
  });
  const keys = series.map(
    ({ name }, at) =>
      `<text class="s${at}" x="${frame.left + 170 * at}" y="${frame.top - 14}">${name}</text>`,
  );
  return `<figure><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${x.ticks.map(({ at, label }) => vertical(across(at), label)).join('\n')}
${y.ticks.map(({ at, label }) => horizontal(up(at), label)).join('\n')}
<text x="${(frame.left + frame.right) / 2}" y="${frame.bottom + 40}" text-anchor="middle">${x.name}</text>
<text x="12" y="${frame.top - 28}">${y.name}</text>
${keys.join('\n')}
${lines.join('\n')}
</svg></figure>`;
}

/** From 0, or as near as its steps come, to the highest value. */
export function linear(name: string, values: readonly number[], most = 6): Axis {
  const highest = Math.max(...values.filter(Number.isFinite), 0) || 1;
  const rough = highest / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.ceil(highest / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step);
  return {
    name,
    of: (value) => value / (count * step),
    ticks: ticks.map((at) => ({ at, label: label(at) })),
  };
}

/** From the power of ten below the lowest value to the one above the highest; what is nothing is at its beginning. */
export function logarithmic(name: string, values: readonly number[]): Axis {
  const powers = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const first = Math.floor(Math.min(...powers, 2));
  const last = Math.max(first + 1, Math.ceil(Math.max(...powers, 0)));
  const of = (value: number) => (Math.max(first, Math.log10(value)) - first) / (last - first);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return { name, of, ticks: ticks.map((at) => ({ at, label: label(at) })) };
}

const vertical = (x: number, text: string): string =>
  `<line x1="${x}" x2="${x}" y1="${frame.top}" y2="${frame.bottom}"/>` +
  `<text x="${x}" y="${frame.bottom + 18}" text-anchor="middle">${text}</text>`;

const horizontal = (y: number, text: string): string =>
  `<line x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>` +
  `<text x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${text}</text>`;

const label = (value: number): string => Number(value.toPrecision(12)).toLocaleString('en-US');
const tenth = (value: number): number => Math.round(value * 10) / 10;
