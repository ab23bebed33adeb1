import { expect, onTestFinished, test, vi } from 'vitest';
import { backOff } from '../../store/back-off.ts';

test('waits some part of a time that doubles with each failure, up to the longest', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const random = vi.spyOn(Math, 'random');
  onTestFinished(() => random.mockRestore());
  const waits = [];
  for (const [failures, part] of [
    [0, 0.5],
    [1, 0.5],
    [2, 0.5],
    [3, 0.5],
    [1_100, 0.5],
    [3, 0],
  ] as const) {
    random.mockReturnValue(part);
    const began = Date.now();
    const waited = backOff(failures, [20, 100]);
    await vi.runAllTimersAsync();
    await waited;
    waits.push(Date.now() - began);
  }
  expect(waits).toEqual([10, 20, 40, 50, 50, 0]);
});
