import { afterAll } from 'vitest';
import { type CloudOptions, startCloud } from '../../local/cloud.ts';
import { ensureAssembly } from '../../local/synth.ts';
import { scene } from './given.ts';
import { PATIENCE } from './patience.ts';

/** A cloud in memory for one test file, which sees its inside, and the words for telling tests in it (`scene`). */
export async function ownCloud(options: Partial<CloudOptions> = {}, tokenOf?: Parameters<typeof scene>[1]) {
  const cloud = await startCloud({
    assembly: await ensureAssembly(),
    port: 0,
    patience: PATIENCE,
    ...options,
  });
  afterAll(() => cloud.close());
  return { cloud, given: scene(() => cloud.url, tokenOf) };
}
