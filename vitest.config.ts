import { defineConfig } from 'vitest/config';

/** Two workers: CI has two cores, and each local cloud spreads over threads of its own. */
const maxWorkers = 2;

/** Costs a third of a second a stack, and warns nobody here; test/lib/validations.test.ts looks at all that there is. */
const env = { CDK_VALIDATION: 'false' };

/**
 * All projects take turns at the same workers. Files of a project share what they import (`isolate`), as loading
 * the CDK or the SDK takes longer than most tests.
 */
function project(name: string, include: string[], more: Record<string, unknown> = {}) {
  return { test: { name, include, maxWorkers, isolate: false, env, ...more } };
}

export default defineConfig({
  test: {
    globalSetup: 'test/support/scratch.ts',
    projects: [
      project('unit', ['test/**/*.test.ts'], {
        exclude: ['test/{lambdas,local,e2e,cloud,client,web,after}/**', 'test/chaos/chaos.test.ts'],
        // Some of it searches, or speaks to a real engine; a busy machine is no failure.
        testTimeout: 60_000,
      }),
      // Their handlers keep the clients that they made when they were imported.
      project('lambdas', ['test/lambdas/**/*.test.ts'], { isolate: true, testTimeout: 30_000 }),
      project('local', ['test/local/**/*.test.ts'], { testTimeout: 20_000, hookTimeout: 60_000 }),
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
        sequence: { groupOrder: 1 },
      }),
      // A minute that is mostly waiting, beside that one file.
      project('chaos', ['test/chaos/chaos.test.ts'], { sequence: { groupOrder: 1 } }),
      project('client', ['test/client/**/*.test.ts'], { testTimeout: 20_000, hookTimeout: 60_000 }),
      // Browsers: CHROMIUM, or where Debian has it.
      project('web', ['test/web/**/*.test.ts'], {
        globalSetup: 'test/web/shared-browser.ts',
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('cloud', ['test/cloud/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
    ],
  },
});
