import { expect, test } from 'vitest';
import { billFor } from '../../../tools/cost/bill.ts';
import { priceList, prices } from '../../../tools/cost/prices.ts';
import { minus, only, sum, times } from '../../../tools/cost/usage.ts';

test('a bill has a line for each item, and their sum', () => {
  const { lines, dollars } = billFor({ messages: 3_000_000, writes: 2_000_000, stored: 10 });
  expect(lines).toEqual([
    { line: 'API Gateway: messages', unit: 'messages', amount: 3_000_000, dollars: 3 },
    { line: 'DynamoDB: writes', unit: 'units', amount: 2_000_000, dollars: 1.25 },
    { line: 'DynamoDB: storage', unit: 'GB', amount: 10, dollars: 2.5 },
  ]);
  expect(dollars).toBe(6.75);
});

test('the free tier reduces usage to 0 at least, and only where something is free', () => {
  const usage = { messages: 1_500_000, invocations: 10, writes: 1_000_000 };
  expect(billFor(usage, true).lines.map(({ dollars }) => dollars)).toEqual([0.5, 0, 0.625]);
  expect(billFor(usage, true).lines.map(({ amount }) => amount)).toEqual([1_500_000, 10, 1_000_000]);
});

test('no usage costs nothing', () => {
  expect(billFor({})).toEqual({ lines: [], dollars: 0 });
});

test('usages add up, thing by thing', () => {
  expect(sum({ reads: 1, writes: 2 }, { reads: 3 }, {})).toEqual({ reads: 4, writes: 2 });
  expect(times(3, { reads: 2 })).toEqual({ reads: 6 });
  expect(minus({ reads: 5, writes: 1 }, { reads: 2, writes: 1 })).toEqual({ reads: 3 });
  expect(only({ reads: 5, writes: 1 }, ['writes'])).toEqual({ writes: 1 });
});

test('every price has its source at AWS, and the date of reading', () => {
  expect(priceList.date).toMatch(/^20\d\d-\d\d-\d\d$/);
  expect(Date.parse(priceList.date)).not.toBeNaN();
  for (const { source, dollars, per } of Object.values(prices)) {
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/\S+\/pricing\//);
    expect(dollars / per).toBeGreaterThan(0);
  }
});

test('the prices are those of the design', () => {
  const each = ({ dollars, per }: { dollars: number; per: number }) => (dollars / per) * 1_000_000;
  const { messages, minutes, writes, reads } = prices;
  expect([messages, minutes, writes, reads].map(each)).toEqual([1, 0.25, 0.625, 0.125]);
});
