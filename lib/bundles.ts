import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where a function's bundle is, as one folder with `index.mjs`. */
export type Bundles = ReadonlyMap<string, { folder: string; bytes: number }>;

// Bundled CommonJS needs `require`, which a module does not have.
const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Bundles functions, all in one go, minified, with all that they import.
 * @param names file names in `lambdas/`, without their ending
 */
export function bundle(names: readonly string[]): Bundles {
  const outdir = mkdtempSync(join(tmpdir(), 'parley-bundles-'));
  // The CDK copies assets into its own output.
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: `lambdas/${name}.ts`, out: `${name}/index` })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The SDK as ESM, so that what is not used falls away.
    mainFields: ['module', 'main'],
    banner: { js: banner },
    // The SDK's clients import their package.json, 4 KB, to name their version in a header that nobody here reads.
    loader: { '.json': 'empty' },
    alias: {
      // The SDK looks for credentials in many places; a Lambda has them in its environment.
      '@aws-sdk/credential-provider-node': fileURLToPath(new URL('env-credentials.ts', import.meta.url)),
      '@aws-sdk/middleware-endpoint-discovery': fileURLToPath(
        new URL('no-endpoint-discovery.ts', import.meta.url),
      ),
      '@smithy/core/checksum': fileURLToPath(new URL('native-sha256.ts', import.meta.url)),
      '@smithy/core/event-streams': fileURLToPath(new URL('no-event-streams.ts', import.meta.url)),
    },
    metafile: true,
    logLevel: 'error',
  });
  return new Map(
    names.map((name) => {
      const output = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`));
      return [name, { folder: join(outdir, name), bytes: output?.[1].bytes ?? 0 }];
    }),
  );
}
