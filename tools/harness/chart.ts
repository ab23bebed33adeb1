/** A point of a chart. */
export interface Point {
  x: number;
  y: number;
}

/** A line of a chart. */
export interface Series {
  name: string;
  points: readonly Point[];
}

/** An axis: maps values to 0 (start) to 1 (end), with its labels. */
export interface Axis {
  name: string;
  of(value: number): number;
  ticks: readonly { at: number; label: string }[];
}

/** The plot area in the picture's units, and where the names of lines are: in a row above, or at their ends. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
  names: 'above' | 'at the ends';
}

const LINE = 16;

/**
 * Draws axes and lines, as the contents of an SVG. Classes: `grid` and `small` for the axes, `line`, and `s0`, `s1`, … for
 * each line and its name.
 */
export function drawn(frame: Frame, x: Axis, y: Axis, series: readonly Series[]): string {
  const across = (value: number) => tenth(frame.left + x.of(value) * (frame.right - frame.left));
  const up = (value: number) => tenth(frame.bottom - y.of(value) * (frame.bottom - frame.top));
  const lines = series.map(({ points }, at) => {
    const path = points.map((point, index) => `${index ? 'L' : 'M'}${across(point.x)} ${up(point.y)}`);
    return `<path class="line s${at}" d="${path.join('')}"/>`;
  });
  return [
    ...x.ticks.map(({ at, label }) => vertical(frame, across(at), label)),
    ...y.ticks.map(({ at, label }) => horizontal(frame, up(at), label)),
    `<text class="small" x="${(frame.left + frame.right) / 2}" y="${frame.bottom + 40}" text-anchor="middle">${x.name}</text>`,
    ...(frame.names === 'above' ? namesAbove(frame, series) : namesAtTheEnds(frame, series, up)),
    ...lines,
  ].join('\n');
}

const namesAbove = ({ left, top }: Frame, series: readonly Series[]): string[] =>
  series.map(({ name }, at) => nameOf(name, at, left + 170 * at, top - 14));

/** Spaces names at least a line apart. */
function namesAtTheEnds({ right }: Frame, series: readonly Series[], up: (value: number) => number) {
  const ends = series.map(({ name, points }, at) => ({ name, at, y: up(points.at(-1)?.y ?? 0) + 4 }));
  ends.sort((one, other) => other.y - one.y);
  for (const [index, end] of ends.entries())
    end.y = Math.min(end.y, (ends[index - 1]?.y ?? Number.POSITIVE_INFINITY) - LINE);
  return ends.map(({ name, at, y }) => nameOf(name, at, right + 8, y));
}

const nameOf = (name: string, at: number, x: number, y: number): string =>
  `<text class="s${at}" x="${x}" y="${y}">${escaped(name)}</text>`;

/** A linear axis from 0 to the highest value, rounded up to a step. */
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
    ticks: ticks.map((at) => ({ at, label: grouped(at) })),
  };
}

/** A logarithmic axis between powers of ten around all values. Zero is at its start. */
export function logarithmic(name: string, values: readonly number[], labelOf = grouped): Axis {
  const powers = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  const first = powers.length === 0 ? 0 : Math.floor(Math.min(...powers));
  const last = Math.max(first + 1, Math.ceil(Math.max(...powers)));
  const of = (value: number) => (Math.max(first, Math.log10(value)) - first) / (last - first);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  return { name, of, ticks: ticks.map((at) => ({ at, label: labelOf(at) })) };
}

const vertical = ({ top, bottom }: Frame, x: number, label: string): string =>
  `<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>` +
  `<text class="small" x="${x}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;

const horizontal = ({ left, right }: Frame, y: number, label: string): string =>
  `<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>` +
  `<text class="small" x="${left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;

const grouped = (value: number): string => Number(value.toPrecision(12)).toLocaleString('en-US');
const tenth = (value: number): number => Math.round(value * 10) / 10;

/** Escapes text for HTML and SVG. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
