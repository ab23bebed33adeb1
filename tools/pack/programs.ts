import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/** What Ink looks for, if one asks for it, and nobody installs. */
export const NOT_INSTALLED = 'react-devtools-core';

/** Bundles programs for Node: a file for each, and chunks for what they share. @param external what they find installed */
export async function bundlePrograms({
  external = [],
  ...options
}: BuildOptions & Pick<Required<BuildOptions>, 'entryPoints' | 'outdir'>): Promise<void> {
  await build({
    ...{
      absWorkingDir: ROOT,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
    },
    mainFields: ['module', 'main'],
    external: [...external, NOT_INSTALLED],
    // React has another build for its developers.
    define: { 'process.env.NODE_ENV': '"production"' },
    // For packages that are CommonJS.
    banner: {
      js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
    },
    logLevel: 'error',
    ...options,
  });
}
