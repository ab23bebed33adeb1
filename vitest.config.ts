import { defineConfig } from 'vitest/config';

/** Two workers: CI has two cores, and each local cloud spreads over threads of its own. */
const maxWorkers = 2;

/** Projects run one after the other (`groupOrder`), so that a slow neighbour fails no test of another. */
function project(name: string, groupOrder: number, include: string[], more: Record<string, unknown> = {}) {
  return { test: { name, include, maxWorkers, sequence: { groupOrder }, ...more } };
}

export default defineConfig({
  test: {
    projects: [
      project('unit', 0, ['test/**/*.test.ts'], {
        exclude: ['test/local/**', 'test/e2e/**', 'test/cloud/**', 'test/chaos/chaos.test.ts'],
      }),
      // A minute that is mostly waiting, beside the others.
      project('chaos', 0, ['test/chaos/chaos.test.ts']),
      project('local', 1, ['test/local/**/*.test.ts'], { testTimeout: 20_000, hookTimeout: 60_000 }),
      // One cloud for all files, or the deployed stage that CHAT_URL names.
      project('e2e', 2, ['test/e2e/**/*.test.ts'], {
        globalSetup: 'test/support/shared-cloud.ts',
        testTimeout: 30_000,
        hookTimeout: 60_000,
      }),
      project('cloud', 3, ['test/cloud/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
    ],
  },
});
