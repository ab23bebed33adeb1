import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Where this test file's temporary files go, those of the CDK and of the bundler too; gone after its last test.
 * Both tidy up when their process ends, but a worker of vitest's is killed.
 */
export const scratch = mkdtempSync(join(tmpdir(), 'parley-test-lib-'));
process.env.TMPDIR = scratch;

afterAll(() => rmSync(scratch, { recursive: true, force: true }));
