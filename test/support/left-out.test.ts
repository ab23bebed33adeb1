import { expect, onTestFinished, test, vi } from 'vitest';
import type { TestModule } from 'vitest/node';
import LeftOut from './left-out.ts';

type Outcome = { state: string; note?: string };

/** A file, by the outcomes of its tests. */
const moduleOf = (relativeModuleId: string, outcomes: readonly Outcome[]) => {
  const allTests = (state?: string) =>
    outcomes
      .filter((each) => state === undefined || each.state === state)
      .map((each) => ({ result: () => each }));
  return { relativeModuleId, children: { allTests } } as unknown as TestModule;
};

/** What is said at the end of a run. */
function said(...modules: TestModule[]): string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  new LeftOut().onTestRunEnd(modules);
  return log.mock.calls.flat().join('\n');
}

const NO_CHROMIUM = 'no Chromium: install chromium-headless-shell';

test('tests that skipped themselves are named by their file, with what they lack', () => {
  const skipped = { state: 'skipped', note: NO_CHROMIUM };
  const page = moduleOf('test/web/page.test.ts', [skipped, { state: 'passed' }, skipped]);
  const store = moduleOf('test/store/table.test.ts', [{ state: 'skipped', note: 'no DynamoDB' }]);
  expect(said(page, store).trim().split('\n')).toEqual([
    'Skipped here:',
    `  test/web/page.test.ts, 2 tests: ${NO_CHROMIUM}`,
    '  test/store/table.test.ts, 1 test: no DynamoDB',
  ]);
});

test('nothing is said of tests that ran, or that lack nothing', () => {
  const all = [{ state: 'passed' }, { state: 'failed', note: NO_CHROMIUM }, { state: 'skipped' }];
  expect(said(moduleOf('test/web/page.test.ts', all))).toBe('');
});
