// `npm run bench:cold`: what a cold start costs here. Each function's bundle: its size, and how long a new process
// takes to import it (the median of several), as a ratio to the bare DynamoDB client of the SDK, bundled in the
// same way and measured in the same run. Exits with 1 over 400 KB, or if the largest takes more than 70 ms on a
// machine on which the bare client takes 42 ms (toolchain's figure), whatever that comes to here.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { bundle } from '../lib/bundles.ts';
import { grants } from '../lib/grants.ts';
import { median } from './numbers.ts';

const RUNS = 9;
const MOST_BYTES = 400_000;
const MOST_RATIO = 70 / 42;

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
mkdirSync(folder, { recursive: true });
const bundles = [...bundle(Object.keys(grants))].map(([name, { folder: at }]) => ({
  name,
  file: join(at, readdirSync(at)[0] ?? ''),
}));
const files = [{ name: 'the bare DynamoDB client', file: bareClient(folder) }, ...bundles];
const times = new Map(files.map(({ name }) => [name, [] as number[]]));
// In turn, so that a slow moment of the machine is everybody's.
for (let run = 0; run < RUNS; run++) {
  process.stderr.write(`\rround ${run + 1} of ${RUNS}`);
  for (const { name, file } of files) times.get(name)?.push(importTime(file));
}
process.stderr.write('\r');
const baseline = median(times.get('the bare DynamoDB client') ?? []);
console.log(`${'bundle'.padEnd(28)}${'KB'.padStart(6)}${'ms'.padStart(8)}   ratio to the bare client`);
let failures = 0;
for (const { name, file } of files) {
  const bytes = statSync(file).size;
  const time = median(times.get(name) ?? []);
  const isOver = bytes > MOST_BYTES || time / baseline > MOST_RATIO;
  if (isOver && name !== 'the bare DynamoDB client') failures++;
  const figures = `${(bytes / 1000).toFixed(0).padStart(6)}${time.toFixed(1).padStart(8)}   ${(time / baseline).toFixed(2)}`;
  console.log(`${name.padEnd(28)}${figures}${isOver ? '   OVER' : ''}`);
}
console.log(`\nAt most ${MOST_BYTES / 1000} KB, and ${MOST_RATIO.toFixed(2)} times the bare client.`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = failures > 0 ? 1 : 0;
