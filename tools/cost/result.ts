import { type Bill, billFor } from './bill.ts';
import { designsOf } from './designs.ts';
import { idle } from './kept.ts';
import type { Load } from './load.ts';
import type { Measures } from './measures.ts';
import { type Row, rowsOf } from './ours.ts';
import { priceList } from './prices.ts';
import { times } from './usage.ts';

/** The result of `npm run cost`. */
export interface Result {
  prices: typeof priceList;
  freeTier: boolean;
  /** The assumed milliseconds of each invocation; if absent, they were measured on this machine. */
  ms?: number;
  load: Load;
  operations: Row[];
  /** A month of each design. */
  designs: { name: string; bill: Bill }[];
  /** A million events of messages, in a deployment with events; the operations include them. */
  events?: Bill;
  /** A month without any activity. */
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
  ...(measures.toOnline.told && { events: billFor(times(1e6, measures.toOnline.told), freeTier) }),
  idle: billFor(idle(load, measures), freeTier),
});
