import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensure, root } from '../cache.ts';

/**
 * Bundles the worker as JavaScript: a thread that compiles TypeScript itself takes four times as long to start.
 * @returns the file, built now or earlier
 */
export async function bundledWorker(): Promise<URL> {
  const make = async (folder: string) => {
    const { build } = await import('esbuild');
    await build({
      absWorkingDir: root,
      entryPoints: ['local/engine/worker.ts'],
      outfile: join(folder, 'worker.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'error',
    });
  };
  const folder = await ensure({ kind: 'engine', sources: ['local', 'package-lock.json'], make });
  return pathToFileURL(join(folder, 'worker.mjs'));
}
