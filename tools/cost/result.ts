import { type Bill, billFor } from './bill.ts';
import { designsOf } from './designs.ts';
import { idle } from './kept.ts';
import type { Load } from './load.ts';
import type { Measures } from './measures.ts';
import { type Row, rowsOf } from './ours.ts';
import { priceList } from './prices.ts';

/** All that `npm run cost` says. */
export interface Result {
  prices: typeof priceList;
  freeTier: boolean;
  /** What each invocation was taken to last; absent, what it took on this machine. */
  ms?: number;
  load: Load;
  operations: Row[];
  /** A month of each design. */
  designs: { name: string; bill: Bill }[];
  /** A month in which nobody is there. */
  idle: Bill;
}

/** Prices a load. */
export const resultFor = (
  load: Load,
  measures: Measures,
  { freeTier, ms }: Pick<Result, 'freeTier' | 'ms'>,
): Result => ({
  prices: priceList,
  freeTier,
  ms,
  load,
  operations: rowsOf(load, measures),
  designs: designsOf(load, measures).map(({ name, usage }) => ({ name, bill: billFor(usage, freeTier) })),
  idle: billFor(idle(load, measures), freeTier),
});
