import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, percentile } from '../../../tools/harness/numbers.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [0.01, 1],
  [0.5, 50],
  [0.99, 99],
  [1, 100],
])('of 1 to 100, in any order, percentile %d is %d', (share, expected) => {
  expect(percentile(hundred, share)).toBe(expected);
});

test('the 99th percentile of few values is the largest', () => {
  expect(percentile([3, 9, 1], 0.99)).toBe(9);
});

test.each([
  [[5], 5],
  [[9, 1, 2], 2],
  [[10, 2, 1, 4], 3],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('without measurements there is no number', () => {
  expect(percentile([], 0.5)).toBeNaN();
  expect(median([])).toBeNaN();
});

test('at least the share is at or below a percentile, and less than the share below it', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (all, percent) => {
      const value = percentile(all, percent / 100);
      const count = (test: (each: number) => boolean) => all.filter(test).length;
      expect(count((each) => each <= value)).toBeGreaterThanOrEqual(all.length * (percent / 100));
      expect(count((each) => each < value)).toBeLessThan(all.length * (percent / 100));
    }),
  );
});

test('values stay in the order in which they were measured', () => {
  const values = [3, 1, 2];
  percentile(values, 0.5);
  median(values);
  expect(values).toEqual([3, 1, 2]);
});
