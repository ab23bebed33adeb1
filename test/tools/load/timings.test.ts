import { expect, test } from 'vitest';
import { at, Timings } from '../../../tools/load/timings.ts';

test('times keep three digits, however long they are', () => {
  const timings = new Timings();
  for (let ms = 1; ms <= 1_000; ms++) timings.add(ms);
  timings.add(60_000);
  const { count, max, mean } = timings.summary;
  expect(count).toBe(1_001);
  expect(max).toBeGreaterThan(59_940);
  expect(max).toBeLessThan(60_060);
  expect(mean).toBeGreaterThan(558);
  expect(mean).toBeLessThan(561);
  expect(at(timings.summary, 50)).toBeCloseTo(501, -0.4);
  expect(at(timings.summary, 99)).toBeCloseTo(991, -0.4);
});

test('recent values are those since the last call', () => {
  const timings = new Timings();
  timings.add(10);
  expect(timings.recent()).toEqual({ count: 1, p50: expect.closeTo(10, 1), p99: expect.closeTo(10, 1) });
  expect(timings.recent()).toEqual({ count: 0, p50: 0, p99: 0 });
  timings.add(20);
  expect(timings.recent()).toMatchObject({ count: 1 });
  expect(timings.summary.count).toBe(2);
});

test('a summary without values is empty', () => {
  expect(new Timings().summary).toMatchObject({ count: 0, mean: 0, max: 0 });
});
