import type { Reporter, TestModule } from 'vitest/node';

/** For vitest: says at the end which tests were skipped for want of something, and how to get that. */
export default class LeftOut implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap(linesOf);
    if (lines.length > 0) console.log(['', 'Skipped here:', ...lines, ''].join('\n'));
  }
}

/** A line for each thing that a file lacked: what a test says when it skips itself. */
function linesOf(module: TestModule): string[] {
  const tests = new Map<string, number>();
  for (const test of module.children.allTests('skipped')) {
    const result = test.result();
    const why = result.state === 'skipped' ? result.note : undefined;
    if (why) tests.set(why, (tests.get(why) ?? 0) + 1);
  }
  return [...tests].map(
    ([why, count]) => `  ${module.relativeModuleId}, ${count} ${count === 1 ? 'test' : 'tests'}: ${why}`,
  );
}
