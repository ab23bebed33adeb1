import { type Item, prices } from './prices.ts';

/** What a month's bill is made of, or what one operation adds to it: so many of each thing that is billed. */
export type Usage = Readonly<Partial<Record<Item, number>>>;

/** All things that are billed, in the order of the bill. */
export const items = Object.keys(prices) as Item[];

/** Everything of all of them. */
export function sum(...usages: readonly Usage[]): Usage {
  const total = (item: Item) => usages.reduce((all, usage) => all + (usage[item] ?? 0), 0);
  return ofEach(total);
}

/** So many times as much of everything. */
export const times = (factor: number, usage: Usage): Usage => ofEach((item) => factor * (usage[item] ?? 0));

/** What there is in the first beyond the second; less than nothing where the second has more. */
export const minus = (one: Usage, other: Usage): Usage => sum(one, times(-1, other));

/** Only these things of it. */
export const only = (usage: Usage, kept: readonly Item[]): Usage =>
  ofEach((item) => (kept.includes(item) ? (usage[item] ?? 0) : 0));

function ofEach(amount: (item: Item) => number): Usage {
  return Object.fromEntries(items.map((item) => [item, amount(item)] as const).filter(([, of]) => of !== 0));
}
