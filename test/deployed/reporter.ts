import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** The result of the suites. */
export interface Ran {
  passed: number;
  /** The names of failed tests; the path of a file that did not load. */
  failed: string[];
  leftOut: { test: string; why: string }[];
}

/** The file to which a run of the suites writes its result. */
export const RAN_FILE = 'PARLEY_RAN';

/** For vitest: writes down which tests ran, and which were skipped and why. */
export default class RanReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const ran: Ran = { passed: 0, failed: [], leftOut: [] };
    for (const module of modules) {
      if (module.errors().length > 0) ran.failed.push(module.relativeModuleId);
      for (const test of module.children.allTests()) {
        const result = test.result();
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        if (result.state === 'passed') ran.passed++;
        else if (result.state === 'failed') ran.failed.push(name);
        else
          ran.leftOut.push({
            test: name,
            why: (result.state === 'skipped' && result.note) || 'nobody says why',
          });
      }
    }
    writeFileSync(process.env[RAN_FILE] ?? '', JSON.stringify(ran));
  }
}
