import { type Item, prices } from './prices.ts';

/** Amounts of billed items, of a month or of one operation. */
export type Usage = Readonly<Partial<Record<Item, number>>>;

/** All billed items, in the order of the bill. */
export const items = Object.keys(prices) as Item[];

/** Adds usages item by item. */
export function sum(...usages: readonly Usage[]): Usage {
  const total = (item: Item) => usages.reduce((all, usage) => all + (usage[item] ?? 0), 0);
  return ofEach(total);
}

/** Multiplies each item. */
export const times = (factor: number, usage: Usage): Usage => ofEach((item) => factor * (usage[item] ?? 0));

/** Subtracts item by item; amounts may become negative. */
export const minus = (one: Usage, other: Usage): Usage => sum(one, times(-1, other));

/** Keeps these items and drops the others. */
export const only = (usage: Usage, kept: readonly Item[]): Usage =>
  ofEach((item) => (kept.includes(item) ? (usage[item] ?? 0) : 0));

function ofEach(amount: (item: Item) => number): Usage {
  return Object.fromEntries(items.map((item) => [item, amount(item)] as const).filter(([, of]) => of !== 0));
}
