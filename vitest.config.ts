import { defineConfig } from 'vitest/config';

/** Two more than the cores of CI: half of the time of many suites goes by while they wait for retries and for processes. */
const maxWorkers = 4;

/** Costs a third of a second a stack, and warns nobody here; test/lib/validations.test.ts looks at all that there is. */
const env = { CDK_VALIDATION: 'false' };

/** What takes minutes, for a stage of its own: `npm run test:long`. First the parts of the page, each with all that it can do. */
const LONG_PAGES = ['test/clients/web/{composer,dialogs,groups,tabs,thread}.test.ts'];
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
 * All projects take turns at the same workers. Files of a project share what they import (`isolate`), as loading
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

// Milliseconds. A busy machine is no failure; with passwords, each of sixty users takes a second of a core.
const testTimeout = 120_000;
const expect = { poll: { timeout: 60_000 } };

/** After all others: what looks at what they did, and unit tests, so that the second worker has something to do meanwhile. */
const last = { sequence: { groupOrder: 1 } };

/** All that need more than the code that they test. */
const others = [
  project('stack', ['test/{architecture,lib,store}/**/*.test.ts', 'test/upgrade/template.test.ts'], {
    exclude: LONG,
  }),
  // Their handlers keep the clients that they made when they were imported.
  project('lambdas', ['test/lambdas/**/*.test.ts'], { isolate: true }),
  project('local', ['test/local/**/*.test.ts']),
  // One cloud for all files, or the deployed stage that CHAT_URL names.
  project('e2e', ['test/e2e/**/*.test.ts'], {
    globalSetup: 'test/support/shared-cloud.ts',
  }),
  // What the suites above left behind: rights that nothing used, secrets in logs.
  project('after', ['test/after/**/*.test.ts'], {
    globalSetup: 'test/support/shared-cloud.ts',
    ...last,
  }),
  project('client', ['test/clients/sdk/**/*.test.ts'], { exclude: LONG }),
  // Browsers: CHROMIUM, or where Debian has it.
  project('web', ['test/clients/web/**/*.test.ts'], {
    globalSetup: 'test/clients/web/shared-browser.ts',
    exclude: LONG,
  }),
  // Starts each program of package.json.
  project('programs', ['test/cli/commands.test.ts']),
  project('cloud', ['test/cloud/**/*.test.ts', 'test/upgrade/data.test.ts'], { exclude: LONG }),
  project('long', LONG, { exclude: LONG_PAGES }),
  project('long-pages', LONG_PAGES, { globalSetup: 'test/clients/web/shared-browser.ts' }),
];

export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch.ts',
    reporters: ['default', './test/support/left-out.ts'],
    projects: [
      // Some of it searches.
      project('unit', ['test/**/*.test.ts'], {
        exclude: others.flatMap(({ test }) => test.include),
        ...last,
      }),
      ...others,
    ],
  },
});
