import { defineConfig } from 'vitest/config';

/** The tests of what `stryker.config.json` mutates; each runs again for every mutant that it covers. */
export default defineConfig({
  test: {
    include: [
      'test/chat/rate-limits/limits.test.ts',
      'test/chat/messages/typing.test.ts',
      'test/clients/view/{counts,log,names,news,page,reader,reducer,seen}.test.ts',
      'test/clients/terminal/layout.test.ts',
      'test/clients/sdk/{sync,outbox}.test.ts',
      'test/model/{explore,invariants}.test.ts',
    ],
    isolate: false,
    testTimeout: 60_000,
  },
});
