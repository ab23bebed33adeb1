import { afterEach, expect, test, vi } from 'vitest';
import { figures, ratios, repeat } from '../../../tools/bench/measure.ts';

afterEach(() => vi.useRealTimers());

const round = (milliseconds: number, ...times: number[]) => ({ milliseconds, times });

test('rounds are added up: all events, in all the time that they took', () => {
  expect(figures([round(500, 1, 2), round(1500, 3, 4)])).toEqual({ perSecond: 2, p50: 2, p99: 4 });
});

test('a ratio compares each round with its own baseline, so a machine that slows down changes nothing', () => {
  const baseline = [round(1000, 1, 1, 1), round(1000, 10), round(1000, 100, 100)];
  const measured = [round(1000, 10), round(1000, 100, 100, 100), round(1000, 1000)];
  // All rounds taken together would say 100 for p50.
  expect(ratios(measured, baseline)).toEqual({ perSecond: 0.5, p50: 10, p99: 10 });
});

test('one bad round does not change the ratio', () => {
  const baseline = [round(1000, 1), round(1000, 1), round(1000, 1)];
  const measured = [round(1000, 2), round(1000, 500), round(1000, 2)];
  expect(ratios(measured, baseline).p50).toBe(2);
});

test('without a baseline there is no ratio', () => {
  expect(ratios([round(1000, 1)], []).p50).toBeNaN();
});

test('every worker continues until the time is over, and may report its own duration', async () => {
  vi.useFakeTimers();
  const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
  const plain = () => pause(5);
  const knowing = () => pause(10).then(() => 3);
  const measured = repeat([plain, knowing], 20);
  await vi.advanceTimersByTimeAsync(20);
  const { times, milliseconds } = await measured;
  expect(times.sort()).toEqual([3, 3, 5, 5, 5, 5]);
  expect(milliseconds).toBe(20);
});

test('an error in the work fails the measurement', async () => {
  await expect(repeat([() => Promise.reject(new Error('no'))], 1000)).rejects.toThrow('no');
});
