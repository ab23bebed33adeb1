import { ensureBundles } from '../../local/synth.ts';

/** Where all tests find the functions' bundles, and put those that are not there: a worker of its own would build them again. */
export default async function keepBundles(): Promise<() => void> {
  process.env.PARLEY_BUNDLES = await ensureBundles();
  return () => {
    delete process.env.PARLEY_BUNDLES;
  };
}
