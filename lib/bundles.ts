import { execFileSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Metafile } from 'esbuild';
import type { FunctionName } from './functions.ts';
import { temporaryFolder } from './temporary.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A function's bundle: a folder with `index.mjs`, and that file's size in bytes. */
export type Bundles = ReadonlyMap<string, { folder: string; bytes: number }>;

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const common = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // The SDK as ESM, so that unused code is dropped.
  mainFields: ['module', 'main'],
  // The SDK's clients import their 4 KB package.json for the version in a header that nothing here reads.
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

/** Bundles the named functions of lambdas/routes.ts. */
export const bundleFunctions = (names: readonly FunctionName[]): Bundles =>
  bundled(
    Object.fromEntries(
      names.map((name) => [
        name,
        `import { ${name} } from './lambdas/routes.ts';\nexport const handler = ${name}().handler();\n`,
      ]),
    ),
  );

/** Bundles files like functions. @param names in the folder, without extension */
export const bundleFiles = (names: readonly string[], folder: string): Bundles =>
  bundled(Object.fromEntries(names.map((name) => [name, `export * from './${folder}/${name}.ts';\n`])));

/**
 * Bundles all entries in one run, minified. Each becomes one file with all its imports; what it imports dynamically becomes
 * a file of its own beside it, which shares no code with it.
 * @param entries name → code; imports are relative to the repository's root
 */
function bundled(entries: Readonly<Record<string, string>>): Bundles {
  const names = Object.keys(entries);
  const outdir = temporaryFolder();
  const make = (entryPoints: { in: string; out: string }[]) =>
    build({ ...common, entryPoints, outdir }, entries);
  const metafile = make(names.map((name) => ({ in: `entry:${name}`, out: `${name}/index` })));
  const outputs = new Map(names.map((name) => [name, outputOf(metafile, name)]));
  const lazy = names.flatMap((name) =>
    lazyOf(outputs.get(name)).map((file) => ({ in: `lambdas/aws/${file}.ts`, out: `${name}/${file}` })),
  );
  if (lazy.length > 0) make(lazy);
  return new Map(
    names.map((name) => [name, { folder: join(outdir, name), bytes: outputs.get(name)?.bytes ?? 0 }]),
  );
}

/** The files in lambdas/aws/ that build.mjs left to be loaded from beside the function, like `sqs`. */
const lazyOf = (output: Metafile['outputs'][string] | undefined): string[] =>
  (output?.imports ?? [])
    .filter(({ kind, external, path }) => kind === 'dynamic-import' && external && path.startsWith('./'))
    .map(({ path }) => basename(path, '.mjs'));

/** Runs esbuild in a process of its own, since its plugins are asynchronous and constructs are not. */
function build(options: BuildOptions, entries: Readonly<Record<string, string>>): Metafile {
  const input = JSON.stringify({ options, entries });
  const said = execFileSync(process.execPath, [path('build.mjs')], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(said);
}

function outputOf(metafile: Metafile, name: string): Metafile['outputs'][string] {
  const found = Object.entries(metafile.outputs).find(([output]) => output.endsWith(`/${name}/index.mjs`));
  if (found === undefined) throw new Error(`No bundle for ${name}`);
  return found[1];
}
