import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where temporary files of all tests go, those of the CDK and of the bundler too; gone after the last test.
 * Both tidy up when their process ends, but a worker of vitest's is killed.
 */
export default function makeScratch(): () => void {
  const scratch = mkdtempSync(join(tmpdir(), 'parley-test-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = scratch;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(scratch, { recursive: true, force: true });
  };
}
