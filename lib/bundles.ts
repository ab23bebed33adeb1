import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Metafile } from 'esbuild';
import { leftOut } from './left-out.ts';
import { lighter } from './lighter.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where a function's bundle is: a folder with `index.mjs`, and the bytes that it always loads. */
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
  // The SDK as ESM, so that what is not used falls away.
  mainFields: ['module', 'main'],
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
  const [metafile] = build([
    {
      ...common,
      entryPoints: names.map((name) => ({ in: `lambdas/${name}.ts`, out: `${name}/index` })),
      outdir,
    },
  ]);
  const lazy = Object.entries(metafile?.inputs ?? {})
    .filter(([input]) => input.startsWith('lambdas/'))
    .filter(([, { imports }]) => imports.some(({ kind }) => kind === 'dynamic-import'))
    .map(([input]) => input);
  const outputs = new Map(names.map((name) => [name, outputOf(metafile, name)]));
  const split = names.filter((name) => lazy.some((input) => input in (outputs.get(name)?.inputs ?? {})));
  const sizes = new Map([
    ...names.map((name) => [name, outputs.get(name)?.bytes ?? 0] as const),
    ...splitUp(split, outdir),
  ]);
  return new Map(names.map((name) => [name, { folder: join(outdir, name), bytes: sizes.get(name) ?? 0 }]));
}

/** Bundles functions anew, what each loads only when it needs it in files of their own. @returns what it always loads */
function splitUp(names: readonly string[], outdir: string): [name: string, bytes: number][] {
  const metafiles = build(
    names.map((name) => ({
      ...common,
      entryPoints: [{ in: `lambdas/${name}.ts`, out: 'index' }],
      outdir: join(outdir, name),
      splitting: true,
    })),
  );
  return metafiles.map(({ outputs }, index) => [names[index] ?? '', alwaysLoaded(outputs)]);
}

function alwaysLoaded(outputs: Metafile['outputs']): number {
  const loaded = new Set<string>();
  const load = (output: string): number => {
    if (loaded.has(output)) return 0;
    loaded.add(output);
    const { bytes, imports } = outputs[output] as Metafile['outputs'][string];
    const needed = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    return needed.reduce((sum, each) => sum + load(each.path), bytes);
  };
  return load(Object.keys(outputs).find((output) => output.endsWith('/index.mjs')) ?? '');
}

/** Runs esbuild, in a process of its own: a plugin needs to be waited for, which a construct cannot. */
function build(jobs: readonly BuildOptions[]): Metafile[] {
  if (jobs.length === 0) return [];
  const input = JSON.stringify({ jobs, leftOut, lighter });
  const said = execFileSync(process.execPath, [path('build.mjs')], {
    input,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(said);
}

function outputOf(metafile: Metafile | undefined, name: string): Metafile['outputs'][string] {
  const found = Object.entries(metafile?.outputs ?? {}).find(([output]) =>
    output.endsWith(`/${name}/index.mjs`),
  );
  if (found === undefined) throw new Error(`There is no bundle of ${name}`);
  return found[1];
}
