import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureBundles } from '../../local/synth.ts';

/**
 * Where the tests find the functions' bundles, and put those that are not there: each worker would build them again. Kept for one
 * run alone, as nobody looks whether a source is changed meanwhile; one that watches sources keeps none.
 */
export default async function keepBundles({ vitest }: TestProject): Promise<() => void> {
  if (vitest.config.watch) return () => {};
  const folder = mkdtempSync(join(tmpdir(), 'parley-bundles-'));
  // What was built from the same sources before.
  cpSync(await ensureBundles(), folder, { recursive: true });
  process.env.PARLEY_BUNDLES = folder;
  return () => {
    delete process.env.PARLEY_BUNDLES;
    rmSync(folder, { recursive: true, force: true });
  };
}
