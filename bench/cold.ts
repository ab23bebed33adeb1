// `npm run bench:cold`: what a cold start costs here. Each function's bundle: its size, and how long a new process
// takes to import it, the median of several; in turn with the bare DynamoDB client of the SDK, bundled by the same
// options (but with the ways to credentials that a Lambda never uses) and measured in the same run.
//
// How to read it: the milliseconds are this machine's. Where the budget was set, the bare client takes 62 ms and a
// function may take 70: 1.13 times as long, as the median of the rounds. Exits with 1 over 400 KB, or over that ratio;
// on a machine that is slower or busy, which is told by its bare client, a ratio over it is a warning only.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { bundle } from '../lib/bundles.ts';
import { grants } from '../lib/grants.ts';
import { median } from './numbers.ts';

const RUNS = 9;
const MOST_BYTES = 400_000;
const BARE_MS = 62;
const MOST_RATIO = 70 / BARE_MS;
const BARE = 'the bare DynamoDB client';

const env = Object.fromEntries(
  ['NAMES', 'CONNECTIONS', 'INBOXES', 'MEMBERS', 'HISTORY'].map((table) => [`${table}_TABLE`, table]),
);

/** Milliseconds that a new process takes to import a module, and nothing else. */
function importTime(file: string): number {
  const url = JSON.stringify(pathToFileURL(file).href);
  const code = `const started = performance.now(); await import(${url}); console.log(performance.now() - started);`;
  const output = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    env: { ...process.env, ...env, CALLBACK_URL: 'http://127.0.0.1', AWS_REGION: 'us-east-1' },
  });
  return Number(output);
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
const bundles = [...bundle(Object.keys(grants))].map(([name, { folder: at }]) => ({
  name,
  file: join(at, readdirSync(at)[0] ?? ''),
}));
const files = [{ name: BARE, file: bareClient(folder) }, ...bundles];
const times = new Map(files.map(({ name }) => [name, [] as number[]]));
// In turn, so that a slow moment of the machine is everybody's.
for (let run = 1; run <= RUNS; run++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${run} of ${RUNS}`);
  for (const { name, file } of files) times.get(name)?.push(importTime(file));
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const bare = times.get(BARE) ?? [];
const isSlow = median(bare) > BARE_MS;
const lines = files.map(({ name, file }) => {
  const own = times.get(name) ?? [];
  const bytes = statSync(file).size;
  return { name, bytes, time: median(own), ratio: median(own.map((each, run) => each / (bare[run] ?? 0))) };
});
const functions = lines.filter(({ name }) => name !== BARE);

console.log(`${'bundle'.padEnd(28)}${'KB'.padStart(6)}${'ms'.padStart(8)}   ratio to the bare client`);
for (const { name, bytes, time, ratio } of lines) {
  const figures = `${(bytes / 1000).toFixed(0).padStart(6)}${time.toFixed(1).padStart(8)}   ${ratio.toFixed(2)}`;
  console.log(`${name.padEnd(28)}${figures}`);
}

const [largest] = [...functions].sort((one, other) => other.bytes - one.bytes);
const [slowest] = [...functions].sort((one, other) => other.ratio - one.ratio);
if (largest === undefined || slowest === undefined) throw new Error('There are no bundles');
const isLarge = largest.bytes > MOST_BYTES;
const isLate = slowest.ratio > MOST_RATIO;
const verdict = (over: boolean, warning = false) =>
  over ? (warning ? 'OVER, a warning' : 'OVER') : 'within';
const size = `${(largest.bytes / 1000).toFixed(0)} KB of ${MOST_BYTES / 1000}`;
const time = `${slowest.ratio.toFixed(2)} times the bare client of ${MOST_RATIO.toFixed(2)}`;
console.log(`\nThe largest: ${largest.name}, ${size}: ${verdict(isLarge)}`);
console.log(`The slowest: ${slowest.name}, ${time}: ${verdict(isLate, isSlow)}`);
if (isSlow)
  console.log(
    `This machine is slower or busy: ${median(bare).toFixed(0)} ms for the bare client, not ${BARE_MS}.`,
  );
rmSync(folder, { recursive: true, force: true });
process.exitCode = isLarge || (isLate && !isSlow) ? 1 : 0;
