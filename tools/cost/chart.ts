import { dollars, short } from './table.ts';

/** A design's dollars at each number of users. */
export interface Curve {
  name: string;
  points: readonly { users: number; dollars: number }[];
}

const [WIDTH, HEIGHT] = [720, 420];
const frame = { left: 84, right: 550, top: 56, bottom: 360 };
const LINE = 16;
// Told apart by dashes, too; each readable on white and on near black.
const styles = [
  { light: '#0b57d0', dark: '#8ab4f8', dash: '' },
  { light: '#a15c00', dark: '#fdc069', dash: '8 4' },
  { light: '#b3261e', dark: '#ff9d94', dash: '2 4' },
];

/**
 * Draws dollars a month against users, both on logarithmic axes.
 * @param caption of what load
 */
export function chartOf(curves: readonly Curve[], caption: string): string {
  const x = scale(valuesOf(curves, 'users'), frame.left, frame.right);
  const y = scale(valuesOf(curves, 'dollars'), frame.bottom, frame.top);
  const told = curves.map(
    ({ name, points }) =>
      `${name}: ${points.map((at) => `${dollars(at.dollars)} for ${short(at.users)}`).join(', ')}`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title desc">
<title id="title">Dollars a month against users, for three designs of a chat</title>
<desc id="desc">${escaped(`${caption} ${told.join('. ')}.`)}</desc>
<style>${css}</style>
<text class="head" x="${frame.left}" y="24">Dollars a month against users</text>
<text class="small" x="${frame.left}" y="42">${escaped(caption)}</text>
${x.ticks.map((at) => vertical(x.of(at), short(at))).join('\n')}
${y.ticks.map((at) => horizontal(y.of(at), `$${short(at)}`)).join('\n')}
<text class="small" x="${(frame.left + frame.right) / 2}" y="${frame.bottom + 42}" text-anchor="middle">users</text>
${curves.map((curve, at) => drawn(curve, at, x.of, y.of)).join('\n')}
${labels(curves, y.of).join('\n')}
</svg>
`;
}

const css = `text{font:13px system-ui,sans-serif;fill:#1f2328}.head{font-weight:600;font-size:15px}.small{font-size:12px}\
.grid{stroke:#8c959f;stroke-opacity:.35}.line{fill:none;stroke-width:2.5;stroke-linejoin:round}\
${styles.map(({ light }, at) => `.s${at}{stroke:${light}}text.s${at}{fill:${light};stroke:none;font-weight:600}`).join('')}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}\
${styles.map(({ dark }, at) => `.s${at}{stroke:${dark}}text.s${at}{fill:${dark}}`).join('')}}`;

const valuesOf = (curves: readonly Curve[], field: 'users' | 'dollars'): number[] =>
  curves.flatMap(({ points }) => points.map((at) => at[field]));

/** From powers of ten around all values to a stretch of the picture; free of charge is at its beginning. */
function scale(values: readonly number[], from: number, to: number) {
  const powers = values.filter((value) => value > 0).map(Math.log10);
  const first = Math.floor(Math.min(...powers));
  const last = Math.max(first + 1, Math.ceil(Math.max(...powers)));
  const of = (value: number) => {
    const share = (Math.max(first, Math.log10(value)) - first) / (last - first);
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
  return { of, ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)) };
}

const vertical = (x: number, label: string): string =>
  `<line class="grid" x1="${x}" x2="${x}" y1="${frame.top}" y2="${frame.bottom}"/>` +
  `<text class="small" x="${x}" y="${frame.bottom + 20}" text-anchor="middle">${label}</text>`;

const horizontal = (y: number, label: string): string =>
  `<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y}" y2="${y}"/>` +
  `<text class="small" x="${frame.left - 8}" y="${y + 4}" text-anchor="end">${label}</text>`;

function drawn({ points }: Curve, at: number, x: Place, y: Place): string {
  const path = points.map((point, index) => `${index ? 'L' : 'M'}${x(point.users)} ${y(point.dollars)}`);
  const style = at % styles.length;
  const dash = styles[style]?.dash;
  const dashes = dash ? ` stroke-dasharray="${dash}"` : '';
  return `<path class="line s${style}"${dashes} d="${path.join('')}"/>`;
}

/** Each name at the end of its curve, and a line apart from the next one above it. */
function labels(curves: readonly Curve[], y: Place): string[] {
  const ends = curves.map(({ name, points }, at) => ({ name, at, y: y(points.at(-1)?.dollars ?? 0) + 4 }));
  ends.sort((one, other) => other.y - one.y);
  for (const [index, end] of ends.entries())
    end.y = Math.min(end.y, (ends[index - 1]?.y ?? Number.POSITIVE_INFINITY) - LINE);
  return ends.map(
    ({ name, at, y: place }) =>
      `<text class="s${at % styles.length}" x="${frame.right + 8}" y="${place}">${escaped(name)}</text>`,
  );
}

type Place = (value: number) => number;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
