// `npm run bench:cold`: what a cold start costs here. Each function as the template deploys it: the file that it always
// loads, its size, and how long a new process takes to import it, the quickest of several; in turn with the bare DynamoDB
// client of the SDK, bundled as it comes and measured in the same run.
//
// How to read it: the milliseconds are this machine's, the ratio carries over. Exits with 1 over 300 KB; over 55 ms where
// the bare client takes the 62 that it took where the budget was set, or less; and on a machine that is slower or busy, which
// is told by its bare client, over the same share of what that takes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { ensureAssembly } from '../local/synth.ts';
import type { FunctionModel } from '../local/template/model.ts';
import { readTemplate } from '../local/template/read.ts';

const RUNS = 25;
const MOST_BYTES = 300_000;
const MOST_MS = 55;
const BARE_MS = 62;
const BARE = 'the bare DynamoDB client';

interface Module {
  name: string;
  file: string;
  bytes: number;
  env: Readonly<Record<string, string>>;
}

/** Milliseconds that a new process takes to import a module, and nothing else. */
function importTime({ file, env }: Module): number {
  const url = JSON.stringify(pathToFileURL(file).href);
  const code = `const started = performance.now(); await import(${url}); console.log(performance.now() - started);`;
  const output = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    // The deployed runtime is newer than the Node of this machine may be: nothing warns there.
    env: {
      ...process.env,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: 'us-east-1',
      ...env,
    },
  });
  return Number(output);
}

function moduleOf({ name, folder, environment }: FunctionModel): Module {
  // What is loaded by what needs it first is in other files (lib/bundles.ts).
  const file = join(folder, 'index.mjs');
  return { name, file, bytes: statSync(file).size, env: environment };
}

/** The bare client: what any function that speaks to DynamoDB has to load. */
function bareClient(folder: string): string {
  const [entry, outfile] = [join(folder, 'bare.ts'), join(folder, 'bare.mjs')];
  writeFileSync(
    entry,
    "import { DynamoDBClient } from '@aws-sdk/client-dynamodb'; export const client = new DynamoDBClient({});",
  );
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    nodePaths: [join(import.meta.dirname, '..', 'node_modules')],
    mainFields: ['module', 'main'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  return outfile;
}

const folder = mkdtempSync(join(tmpdir(), 'parley-cold-'));
const { functions } = readTemplate(await ensureAssembly(), 'http://127.0.0.1', 'http://127.0.0.1');
const bareFile = bareClient(folder);
const modules: Module[] = [
  { name: BARE, file: bareFile, bytes: statSync(bareFile).size, env: {} },
  ...functions.map(moduleOf),
];
const times = new Map(modules.map(({ name }) => [name, [] as number[]]));
// In turn, so that a slow moment of the machine is everybody's.
for (let run = 1; run <= RUNS; run++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${run} of ${RUNS}`);
  for (const module of modules) times.get(module.name)?.push(importTime(module));
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const quickest = (name: string): number => Math.min(...(times.get(name) ?? []));
const bare = quickest(BARE);
const most = MOST_MS * Math.max(1, bare / BARE_MS);
const lines = modules.map(({ name, bytes }) => {
  const time = quickest(name);
  return { name, bytes, time, ratio: time / bare };
});

console.log(`${'bundle'.padEnd(28)}${'KB'.padStart(6)}${'ms'.padStart(8)}   ratio to the bare client`);
for (const { name, bytes, time, ratio } of lines) {
  const figures = `${(bytes / 1000).toFixed(0).padStart(6)}${time.toFixed(1).padStart(8)}   ${ratio.toFixed(2)}`;
  console.log(`${name.padEnd(28)}${figures}`);
}

const [, ...own] = lines;
const [largest] = own.toSorted((one, other) => other.bytes - one.bytes);
const [slowest] = own.toSorted((one, other) => other.time - one.time);
if (largest === undefined || slowest === undefined) throw new Error('There are no bundles');
const isLarge = largest.bytes > MOST_BYTES;
const isLate = slowest.time > most;
const verdict = (over: boolean) => (over ? 'OVER' : 'within');
const size = `${(largest.bytes / 1000).toFixed(0)} KB of ${MOST_BYTES / 1000}`;
const time = `${slowest.time.toFixed(1)} ms of ${most.toFixed(1)}`;
console.log(`\nThe largest: ${largest.name}, ${size}: ${verdict(isLarge)}`);
console.log(`The slowest: ${slowest.name}, ${time}: ${verdict(isLate)}`);
if (most > MOST_MS)
  console.log(`This machine is slower or busy: ${bare.toFixed(0)} ms for the bare client, not ${BARE_MS}.`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = isLarge || isLate ? 1 : 0;
