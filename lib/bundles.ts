import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where a function's bundle is: a folder with `index.mjs`, and the bytes that it always loads. */
export type Bundles = ReadonlyMap<string, { folder: string; bytes: number }>;

// Bundled CommonJS needs `require`, which a module does not have.
const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const common = {
  absWorkingDir: root,
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
    '@aws-sdk/credential-provider-node': path('env-credentials.ts'),
    '@aws-sdk/middleware-endpoint-discovery': path('no-endpoint-discovery.ts'),
    '@smithy/core/checksum': path('native-hashes.ts'),
    '@smithy/core/event-streams': path('no-event-streams.ts'),
  },
  metafile: true,
  logLevel: 'error',
} as const satisfies BuildOptions;

/**
 * Bundles functions, all in one go, minified, with all that they import.
 * @param names file names in `lambdas/`, without their ending
 */
export function bundle(names: readonly string[]): Bundles {
  const outdir = mkdtempSync(join(tmpdir(), 'parley-bundles-'));
  // The CDK copies assets into its own output.
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  const { metafile } = buildSync({
    ...common,
    entryPoints: names.map((name) => ({ in: `lambdas/${name}.ts`, out: `${name}/index` })),
    outdir,
  });
  const lazy = Object.entries(metafile.inputs)
    .filter(([input]) => input.startsWith('lambdas/'))
    .filter(([, { imports }]) => imports.some(({ kind }) => kind === 'dynamic-import'))
    .map(([input]) => input);
  return new Map(
    names.map((name) => {
      const folder = join(outdir, name);
      const built = outputOf(metafile, name);
      const isSplit = lazy.some((input) => input in built.inputs);
      return [name, { folder, bytes: isSplit ? split(name, folder) : built.bytes }];
    }),
  );
}

/** Bundles a function anew, what it loads only when it needs it in files of their own. @returns what it always loads */
function split(name: string, folder: string): number {
  const { metafile } = buildSync({
    ...common,
    entryPoints: [{ in: `lambdas/${name}.ts`, out: 'index' }],
    outdir: folder,
    splitting: true,
  });
  const loaded = new Set<string>();
  const load = (output: string): number => {
    if (loaded.has(output)) return 0;
    loaded.add(output);
    const { bytes, imports } = metafile.outputs[output] as Metafile['outputs'][string];
    const needed = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    return needed.reduce((sum, each) => sum + load(each.path), bytes);
  };
  return load(Object.keys(metafile.outputs).find((output) => output.endsWith('/index.mjs')) ?? '');
}

function outputOf({ outputs }: Metafile, name: string): Metafile['outputs'][string] {
  const found = Object.entries(outputs).find(([output]) => output.endsWith(`/${name}/index.mjs`));
  if (found === undefined) throw new Error(`There is no bundle of ${name}`);
  return found[1];
}
