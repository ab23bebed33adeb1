import { type Price, prices } from './prices.ts';
import { items, type Usage } from './usage.ts';

/** One line of a month's bill. */
export interface Line extends Pick<Price, 'line' | 'unit'> {
  /** So many units were used; what is free is among them. */
  amount: number;
  dollars: number;
}

/** What a month costs. */
export interface Bill {
  lines: Line[];
  dollars: number;
}

/**
 * Prices what was used; what was not used has no line.
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
