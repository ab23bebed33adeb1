import { type Axis, drawn, escaped, type Frame, linear, logarithmic, type Series } from '../harness/chart.ts';
import { isGood, isWhole, linesOf, type Result } from './result.ts';
import type { Second, Summary } from './timings.ts';

// 50 %, 90 %, 99 %, … are evenly spaced, so that the tail is visible.
const NINES = [0, 90, 99, 99.9, 99.99, 99.999];

/** Renders the result as a self-contained page: the lines of `linesOf`, and plots. */
export function pageOf(result: Result): string {
  const { machine, started, url, verdict } = result;
  const rows = linesOf(result).map(
    ([what, value]) => `<tr><th scope="row">${escaped(what)}</th><td>${escaped(value)}</td></tr>`,
  );
  const wrong = verdict.examples.map((text) => `<li>${escaped(text)}</li>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Parley under load</title>
<style>${css}</style>
</head>
<body>
<h1>Parley under load</h1>
<p class="verdict ${isGood(result) ? 'good' : 'bad'}">${escaped(inShort(result))}</p>
<p>${escaped(`${started}, ${url}; the load ran on ${machine.cores} cores (${machine.cpu}), Node ${machine.node}.`)}
Latencies count from the time at which a message was due, even if it was sent later.</p>
<table>
${rows.join('\n')}
</table>
${wrong.length > 0 ? `<ul>${wrong.join('\n')}</ul>` : ''}
${percentilesOf(result)}
${timesOf(result.seconds)}
${throughputOf(result.seconds)}
</body>
</html>
`;
}

function inShort(result: Result): string {
  if (!isGood(result)) return 'Messages were lost, duplicated, misordered or unexpected.';
  if (!isWhole(result)) return 'No faults were found, but not everything could be checked.';
  return 'Every acknowledged message reached every recipient exactly once, with the same seq for all.';
}

function percentilesOf({ sent, received }: Result): string {
  const series = [seriesOf('send → MESSAGE_SENT', sent), seriesOf('send → RECEIVE', received)];
  const highest = Math.max(...series.flatMap(({ points }) => points.map(({ x }) => x)));
  return plotOf('Percentiles', nines(highest), logarithmic('ms', valuesOf(series)), series);
}

/** The percentiles up to the last one with at least one message above it. */
const seriesOf = (name: string, { count, percentiles }: Summary): Series => ({
  name,
  points: percentiles
    .filter(({ of }) => of < 100 && (100 - of) * count >= 100)
    .map(({ of, ms }) => ({ x: of, y: ms })),
});

/** @param highest the last percentile to draw */
function nines(highest: number): Axis {
  const ticks = NINES.filter((of) => of <= highest);
  const place = (of: number) => -Math.log10(1 - of / 100);
  const last = place(Math.max(0, highest)) || 1;
  return {
    name: 'percent of all, at most so long',
    of: (value) => place(value) / last,
    ticks: ticks.map((at) => ({ at, label: `${at} %` })),
  };
}

function timesOf(seconds: readonly Second[]): string {
  const line = (name: string, of: (second: Second) => number): Series => ({
    name,
    points: seconds.filter((second) => of(second) > 0).map((second) => ({ x: second.second, y: of(second) })),
  });
  const series = [
    line('sent, p50', ({ sentMs }) => sentMs.p50),
    line('sent, p99', ({ sentMs }) => sentMs.p99),
    line('received, p50', ({ receivedMs }) => receivedMs.p50),
    line('received, p99', ({ receivedMs }) => receivedMs.p99),
  ];
  return plotOf('Times, second by second', timeOf(seconds), logarithmic('ms', valuesOf(series)), series);
}

function throughputOf(seconds: readonly Second[]): string {
  const line = (name: string, of: (second: Second) => number): Series => ({
    name,
    points: seconds.map((second) => ({ x: second.second, y: of(second) })),
  });
  const series = [line('acknowledged', ({ sent }) => sent), line('received', ({ received }) => received)];
  return plotOf('Messages, second by second', timeOf(seconds), linear('a second', valuesOf(series)), series);
}

const timeOf = (seconds: readonly Second[]): Axis =>
  linear(
    'seconds',
    seconds.map(({ second }) => second),
    10,
  );

const valuesOf = (series: readonly Series[]): number[] =>
  series.flatMap(({ points }) => points.map(({ y }) => y));

const [WIDTH, HEIGHT] = [720, 300];
const frame: Frame = { left: 64, right: 684, top: 44, bottom: 248, names: 'above' };

/** A chart of up to four lines, with the page's colours. */
const plotOf = (title: string, x: Axis, y: Axis, series: readonly Series[]): string =>
  `<figure><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${drawn(frame, x, y, series)}
<text x="12" y="${frame.top - 28}">${y.name}</text>
</svg></figure>`;

const colours = [
  ['#0b57d0', '#8ab4f8'],
  ['#a15c00', '#fdc069'],
  ['#00695c', '#7fd1c2'],
  ['#b3261e', '#ff9d94'],
];

const painted = (shade: 0 | 1): string =>
  colours
    .map(([...pair], at) => `path.s${at}{stroke:${pair[shade]}}text.s${at}{fill:${pair[shade]}}`)
    .join('');

const css = `:root{color-scheme:light dark}\
body{font:15px/1.5 system-ui,sans-serif;max-width:720px;margin:2rem auto;padding:0 1rem;color:#1f2328;background:#fff}\
h1{font-size:1.5rem}table{border-collapse:collapse}th{font-weight:600;text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}\
figure{margin:2rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}\
.verdict{font-weight:600}.good{color:#00695c}.bad{color:#b3261e}\
svg text{font-size:12px;fill:currentColor}svg line{stroke:#8c959f;stroke-opacity:.35}\
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}text[class]{font-weight:600}text.small{font-weight:400}${painted(0)}\
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}.good{color:#7fd1c2}.bad{color:#ff9d94}${painted(1)}}`;
