import { expect, test } from 'vitest';
import { chartOf } from '../../../tools/cost/chart.ts';
import { curvesOf } from '../../../tools/cost/curves.ts';
import { defaultLoad } from '../../../tools/cost/load.ts';
import { resultFor } from '../../../tools/cost/result.ts';
import { captionOf, dollars, short, tableOf } from '../../../tools/cost/table.ts';
import { fakeMeasures } from './measures.ts';

const result = resultFor(defaultLoad, fakeMeasures, { freeTier: false });
const text = tableOf(result);

test('the table has a line for each billed item, for the three designs, and their sums', () => {
  expect(text).toMatch(/API Gateway: messages +\S+ M messages +\$\S+ +\$\S+ +\$\S+/);
  const sums = result.designs.map(({ bill }) => dollars(bill.dollars));
  expect(text).toMatch(new RegExp(`dollars a month +${sums.map(escaped).join(' +')}\n`));
});

test('the table has the date of the prices, and the cost of a month without users', () => {
  expect(text).toContain(`list prices of ${result.prices.date}, us-east-1, without the free tier`);
  expect(text).toContain(`Idle, with all of these messages stored: ${dollars(result.idle.dollars)}`);
  expect(result.idle.dollars).toBeLessThan((result.designs[0]?.bill.dollars ?? 0) / 2);
});

test('the table says whether milliseconds were measured or given', () => {
  expect(text).toContain('Milliseconds were measured on this machine and are an estimate');
  const given = tableOf(resultFor(defaultLoad, fakeMeasures, { freeTier: true, ms: 50 }));
  expect(given).toContain('Invocations are assumed to take 50 ms');
  expect(given).toContain('with the free tier');
});

test.each([
  [0, '0'],
  [0.0123, '0.0123'],
  [4.05, '4.05'],
  [41.13, '41.1'],
  [1_234, '1,234'],
  [2_400_000, '2.4 M'],
  [3e12, '3,000 G'],
])('%d is written as %s', (value, expected) => {
  expect(short(value)).toBe(expected);
});

test.each([
  [0, '$0.00'],
  [0.0123, '$0.012'],
  [0.5, '$0.50'],
  [1_234.567, '$1,234.57'],
])('%d dollars are written as %s', (value, expected) => {
  expect(dollars(value)).toBe(expected);
});

const curves = [
  { name: 'ours', points: [10, 100].map((users) => ({ users, dollars: users / 10 })) },
  { name: 'a & b', points: [10, 100].map((users) => ({ users, dollars: users * users })) },
];
const svg = chartOf(curves, 'With <care>.');

test('the chart has a line for each design from the first to the last number of users, and its name', () => {
  // Both axes are logarithmic, from 10 to 100 users and from $1 to $10,000.
  expect(svg).toContain('d="M84 360L550 284"');
  expect(svg).toContain('d="M84 208L550 56"');
  expect(svg).toContain('>ours</text>');
  expect(svg).toContain('>$10,000</text>');
});

test('the chart has a description, and text in it stays text', () => {
  expect(svg).toMatch(/<svg [^>]*role="img" aria-labelledby="title desc">/);
  expect(svg).toMatch(/<title id="title">[^<]+<\/title>/);
  expect(svg).toContain('<desc id="desc">With &lt;care&gt;. ours: $1.00 for 10, $10.00 for 100. a &amp; b: ');
});

test('the chart has colours for light and for dark', () => {
  expect(svg).toContain('@media(prefers-color-scheme:dark)');
});

test('labels of curves that end together do not overlap', () => {
  const same = chartOf([...curves.slice(0, 1), { name: 'theirs', points: curves[0]?.points ?? [] }], '');
  const places = [...same.matchAll(/<text class="s\d" x="558" y="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.abs((places[0] ?? 0) - (places[1] ?? 0))).toBe(16);
});

test('the curves are the designs, at the bills of their users', () => {
  const drawn = curvesOf(defaultLoad, fakeMeasures, false);
  expect(drawn.map(({ name }) => name)).toEqual(result.designs.map(({ name }) => name));
  const at = drawn.map(({ points }) => points.find(({ users }) => users === defaultLoad.users)?.dollars);
  expect(at).toEqual(result.designs.map(({ bill }) => bill.dollars));
  expect(captionOf(defaultLoad)).toBe('100 messages a day each, groups of 20, 30 % online.');
});

function escaped(text: string): string {
  return text.replace(/[.$]/g, '\\$&');
}
