import { expect, onTestFinished, test, vi } from 'vitest';
import { Bursts } from '../../../clients/view/bursts.ts';

/** What was told, in pieces. */
function told() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const all: (readonly number[])[] = [];
  const bursts = new Bursts<number>((each) => all.push(each));
  return { all, bursts };
}

test('the first is told at once, and what follows soon is told together, each once', () => {
  const { all, bursts } = told();
  bursts.add([1]);
  expect(all).toEqual([[1]]);
  for (const each of [2, 3, 4]) {
    vi.advanceTimersByTime(100);
    bursts.add([each]);
  }
  expect(all).toEqual([[1]]);
  vi.advanceTimersByTime(400);
  expect(all).toEqual([[1], [2, 3, 4]]);
  // A long burst is told in pieces, not at its end alone.
  bursts.add([5]);
  vi.advanceTimersByTime(700);
  expect(all).toEqual([[1], [2, 3, 4], [5]]);
});

test('what comes after a pause is told at once again', () => {
  const { all, bursts } = told();
  bursts.add([1]);
  vi.advanceTimersByTime(700);
  bursts.add([2, 3]);
  expect(all).toEqual([[1], [2, 3]]);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(700);
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is told of nothing, nor after the end', () => {
  const { all, bursts } = told();
  bursts.add([]);
  expect([all.length, vi.getTimerCount()]).toEqual([0, 0]);
  bursts.add([1]);
  bursts.add([2]);
  bursts.stop();
  vi.advanceTimersByTime(10_000);
  expect(all).toEqual([[1]]);
});
