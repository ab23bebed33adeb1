import { expect, onTestFinished, test, vi } from 'vitest';
import { backOff } from '../../store/back-off.ts';

test('waits some part of a time that doubles with each failure, up to the longest', async () => {
  const random = vi.spyOn(Math, 'random');
  onTestFinished(() => random.mockRestore());
  const waits: unknown[] = [];
  // Nothing else runs meanwhile. Fake timers would be those of all that other files have left in this process.
  const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((done: () => void, time?: number) => {
    waits.push(time);
    done();
  }) as typeof setTimeout);
  onTestFinished(() => timers.mockRestore());
  for (const [failures, part] of [
    [0, 0.5],
    [1, 0.5],
    [2, 0.5],
    [3, 0.5],
    [1_100, 0.5],
    [3, 0],
  ] as const) {
    random.mockReturnValue(part);
    await backOff(failures, [20, 100]);
  }
  expect(waits).toEqual([10, 20, 40, 50, 50, 0]);
});
