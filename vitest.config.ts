import { defineConfig } from 'vitest/config';
import InOrder from './test/support/in-order.ts';

/** Two more than the cores of CI: half of the time of many suites goes by while they wait for retries and for processes. */
const maxWorkers = 4;

/** Costs a third of a second a stack, and warns nobody here; test/lib/validations.test.ts looks at all that there is. */
const env = { CDK_VALIDATION: 'false' };

// Milliseconds. A busy machine is no failure, so that no test has a limit of its own.
const testTimeout = 600_000;
const expect = { poll: { timeout: 120_000 } };

/** What takes minutes, for a stage of its own: `npm run test:long`. First the parts of the page, each with all that it can do. */
const LONG_PAGES = [
  'test/clients/web/{composer,dialogs,groups,names,people,pictures,tabs,thread,tokens,unsent}.test.ts',
];
const LONG = [
  ...LONG_PAGES,
  'test/chaos/chaos.test.ts',
  'test/model/model.test.ts',
  // Messages through sockets that are cut, for half a minute each.
  'test/clients/{sdk,web}/{exactly,changes}-once.test.ts',
  // Each boots services of its own: one per setting, and whole stages.
  'test/cloud/{deployed,load,settings}.test.ts',
  // Whole syntheses: one with CloudFormation's own validations, others that are interrupted.
  'test/lib/{temporary,validations}.test.ts',
  // Packages, built and installed.
  'test/packages/**/*.test.ts',
  // Terminals whose tokens run out.
  'test/cloud/terminal-tokens.test.ts',
];

/**
 * All projects take turns at the same workers, in this order. Files of a project share what they import (`isolate`), as loading
 * the CDK or the SDK takes longer than most tests.
 */
function project(name: string, include: string[], more: Record<string, unknown> = {}) {
  return {
    test: {
      name,
      include,
      maxWorkers,
      isolate: false,
      env,
      expect,
      testTimeout,
      hookTimeout: testTimeout,
      ...more,
    },
  };
}

// The suites of the shared cloud come before those that look at what they did, and what else there is goes on meanwhile.
const first = { sequence: { groupOrder: 0 } };
const then = { sequence: { groupOrder: 1 } };
const sharedCloud = { globalSetup: 'test/support/shared-cloud.ts' };
// Browsers: CHROMIUM, or where Debian has it.
const sharedBrowser = { globalSetup: 'test/clients/web/shared-browser.ts' };

/** All that need more than the code that they test. */
const others = [
  // One cloud for all files, or the deployed stage that CHAT_URL names.
  project('e2e', ['test/e2e/**/*.test.ts'], { ...sharedCloud, ...first }),
  // Their handlers keep the clients that they made when they were imported.
  project('lambdas', ['test/lambdas/**/*.test.ts'], { isolate: true, ...first }),
  // The stack, the local cloud and what runs on it, each with what it needs of its own.
  project(
    'system',
    [
      'test/{architecture,cloud,lib,local,store,upgrade}/**/*.test.ts',
      'test/clients/sdk/**/*.test.ts',
      // Starts each program of package.json.
      'test/cli/commands.test.ts',
    ],
    { exclude: LONG, ...first },
  ),
  // What the suites above left behind: rights that nothing used, secrets in logs.
  project('after', ['test/after/**/*.test.ts'], { ...sharedCloud, ...then }),
  project('long', LONG, { exclude: LONG_PAGES, ...then }),
  project('long-pages', LONG_PAGES, { ...sharedBrowser, ...then }),
  project('web', ['test/clients/web/**/*.test.ts'], { exclude: LONG, ...sharedBrowser, ...then }),
];

export default defineConfig({
  test: {
    globalSetup: ['test/support/scratch.ts', 'test/support/kept-bundles.ts'],
    reporters: ['default', './test/support/left-out.ts'],
    sequence: { sequencer: InOrder },
    projects: [
      ...others,
      // Last, as they are small. Some of it searches.
      project('unit', ['test/**/*.test.ts'], {
        exclude: others.flatMap(({ test }) => test.include),
        ...then,
      }),
    ],
  },
});
