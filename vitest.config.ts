import { defineConfig } from 'vitest/config';

/** One more than the cores of CI: half of the time of many suites goes by while they wait for retries and for processes. */
const maxWorkers = 3;

/** Costs a third of a second a stack, and warns nobody here; test/lib/validations.test.ts looks at all that there is. */
const env = { CDK_VALIDATION: 'false' };

/** What takes minutes, for a stage of its own: `npm run test:long`. */
const LONG = ['test/chaos/chaos.test.ts', 'test/model/model.test.ts', 'test/cloud/load.test.ts'];

/**
 * All projects take turns at the same workers. Files of a project share what they import (`isolate`), as loading
 * the CDK or the SDK takes longer than most tests.
 */
function project(name: string, include: string[], more: Record<string, unknown> = {}) {
  return { test: { name, include, maxWorkers, isolate: false, env, ...more } };
}

/** After all others: what looks at what they did, and unit tests, so that the second worker has something to do meanwhile. */
const last = { sequence: { groupOrder: 1 } };

/** All that need more than the code that they test. */
const others = [
  // What is synthesized, and what speaks to a real engine; a busy machine is no failure.
  project('stack', ['test/{architecture,lib,store}/**/*.test.ts'], { testTimeout: 60_000 }),
  // Their handlers keep the clients that they made when they were imported.
  project('lambdas', ['test/lambdas/**/*.test.ts'], { isolate: true, testTimeout: 60_000 }),
  project('local', ['test/local/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
  // One cloud for all files, or the deployed stage that CHAT_URL names.
  project('e2e', ['test/e2e/**/*.test.ts'], {
    globalSetup: 'test/support/shared-cloud.ts',
    // With passwords, each of sixty users takes a second of a core.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  }),
  // What the suites above left behind: rights that nothing used, secrets in logs.
  project('after', ['test/after/**/*.test.ts'], {
    globalSetup: 'test/support/shared-cloud.ts',
    testTimeout: 60_000,
    ...last,
  }),
  project('client', ['test/clients/sdk/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
  // Browsers: CHROMIUM, or where Debian has it.
  project('web', ['test/clients/web/**/*.test.ts'], {
    globalSetup: 'test/clients/web/shared-browser.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  }),
  project('cloud', ['test/cloud/**/*.test.ts'], { exclude: LONG, testTimeout: 60_000, hookTimeout: 60_000 }),
  project('long', LONG, { testTimeout: 60_000, hookTimeout: 60_000 }),
];

export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch.ts',
    reporters: ['default', './test/support/left-out.ts'],
    projects: [
      // Some of it searches.
      project('unit', ['test/**/*.test.ts'], {
        exclude: others.flatMap(({ test }) => test.include),
        testTimeout: 60_000,
        ...last,
      }),
      ...others,
    ],
  },
});
