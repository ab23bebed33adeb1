import { type Price, prices } from './prices.ts';
import { items, type Usage } from './usage.ts';

/** One line of a month's bill. */
export interface Line extends Pick<Price, 'line' | 'unit'> {
  /** The number of units used, including free ones. */
  amount: number;
  dollars: number;
}

/** A month's bill. */
export interface Bill {
  lines: Line[];
  dollars: number;
}

/**
 * Prices the usage. Unused services have no line.
 * @param freeTier whether the account has AWS's free tier
 */
export function billFor(usage: Usage, freeTier = false): Bill {
  const lines = items.flatMap((item): Line[] => {
    const amount = usage[item] ?? 0;
    const { line, unit, dollars, per, free } = prices[item];
    const paid = Math.max(0, amount - (freeTier ? free : 0));
    return amount === 0 ? [] : [{ line, unit, amount, dollars: (paid / per) * dollars }];
  });
  return { lines, dollars: lines.reduce((total, { dollars }) => total + dollars, 0) };
}
