import { drawn, escaped, type Frame, logarithmic } from '../harness/chart.ts';
import { dollars, short } from './table.ts';

/** A design's dollars at each number of users. */
export interface Curve {
  name: string;
  points: readonly { users: number; dollars: number }[];
}

const [WIDTH, HEIGHT] = [720, 420];
const frame: Frame = { left: 84, right: 550, top: 56, bottom: 360, names: 'at the ends' };
// The styles of the designs. Dashes tell them apart, too, and all are readable on white and near black.
const styles = [
  { light: '#0b57d0', dark: '#8ab4f8', dash: 'none' },
  { light: '#a15c00', dark: '#fdc069', dash: '8 4' },
  { light: '#b3261e', dark: '#ff9d94', dash: '2 4' },
];

/**
 * Draws dollars per month against users, both on logarithmic axes.
 * @param caption describes the load
 */
export function chartOf(curves: readonly Curve[], caption: string): string {
  const all = curves.flatMap(({ points }) => points);
  const x = logarithmic(
    'users',
    all.map((at) => at.users),
    short,
  );
  const y = logarithmic(
    'dollars',
    all.map((at) => at.dollars),
    (at) => `$${short(at)}`,
  );
  const series = curves.map(({ name, points }) => ({
    name,
    points: points.map((at) => ({ x: at.users, y: at.dollars })),
  }));
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
${drawn(frame, x, y, series)}
</svg>
`;
}

const css = `text{font:13px system-ui,sans-serif;fill:#1f2328}.head{font-weight:600;font-size:15px}.small{font-size:12px}\
.grid{stroke:#8c959f;stroke-opacity:.35}.line{fill:none;stroke-width:2.5;stroke-linejoin:round}\
${styles.map(({ light, dash }, at) => `.s${at}{stroke:${light};stroke-dasharray:${dash}}text.s${at}{fill:${light};stroke:none;font-weight:600}`).join('')}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}\
${styles.map(({ dark }, at) => `.s${at}{stroke:${dark}}text.s${at}{fill:${dark}}`).join('')}}`;
