// `npm run bench:cold`: the cost of a cold start on this machine. For each function as the template deploys it: the size of
// the file that it always loads, and how long a new process takes to import it (the fastest of several runs). The runs
// alternate with those of the baseline, the SDK's own DynamoDB client, bundled with the same options.
//
// How to read it: the milliseconds are this machine's, the ratio carries over. Exits with 1 if a bundle is over 340 KB, or
// takes more than 1.5 times as long as the baseline.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseOrExit } from '../../cli/command.ts';
import { bundleFiles } from '../../lib/bundles.ts';
import { ensureAssembly } from '../../local/synth.ts';
import type { FunctionModel } from '../../local/template/model.ts';
import { readTemplate } from '../../local/template/read.ts';

parseOrExit({
  name: 'npm run bench:cold',
  about: 'Measures the size of each bundle, and how long a new process takes to import it.',
  flags: {},
});

const RUNS = 25;
const MOST_BYTES = 340_000;
const MOST_RATIO = 1.5;
const BARE = "the SDK's DynamoDB client";

interface Module {
  name: string;
  file: string;
  bytes: number;
  env: Readonly<Record<string, string>>;
}

/** How long a new process takes to import a module, in milliseconds. */
function importTime({ file, env }: Module): number {
  const url = JSON.stringify(pathToFileURL(file).href);
  const code = `const started = performance.now(); await import(${url}); console.log(performance.now() - started);`;
  const output = execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', code], {
    // Node may be older here than the deployed runtime, and warn about it.
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
  // Lazily loaded code is in other files (lib/bundles.ts).
  const file = join(folder, 'index.mjs');
  return { name, file, bytes: statSync(file).size, env: environment };
}

const { functions } = readTemplate(await ensureAssembly(), 'http://127.0.0.1', 'http://127.0.0.1');
const bare = bundleFiles(['bare-client'], 'tools/bench').get('bare-client') ?? { folder: '', bytes: 0 };
const modules: Module[] = [
  { name: BARE, file: join(bare.folder, 'index.mjs'), bytes: bare.bytes, env: {} },
  ...functions.map(moduleOf),
];
const times = new Map(modules.map(({ name }) => [name, [] as number[]]));
// Alternating, so that a slow moment of the machine affects all alike.
for (let run = 1; run <= RUNS; run++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${run} of ${RUNS}`);
  for (const module of modules) times.get(module.name)?.push(importTime(module));
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const quickest = (name: string): number => Math.min(...(times.get(name) ?? []));
const lines = modules.map(({ name, bytes }) => {
  const time = quickest(name);
  return { name, bytes, time, ratio: time / quickest(BARE) };
});

console.log(`${'bundle'.padEnd(28)}${'KB'.padStart(6)}${'ms'.padStart(8)}   ratio`);
for (const { name, bytes, time, ratio } of lines) {
  const figures = `${(bytes / 1000).toFixed(0).padStart(6)}${time.toFixed(1).padStart(8)}   ${ratio.toFixed(2)}`;
  console.log(`${name.padEnd(28)}${figures}`);
}

const [, ...own] = lines;
const [largest] = own.toSorted((one, other) => other.bytes - one.bytes);
const [slowest] = own.toSorted((one, other) => other.time - one.time);
if (largest === undefined || slowest === undefined) throw new Error('There are no bundles');
const isLarge = largest.bytes > MOST_BYTES;
const isLate = slowest.ratio > MOST_RATIO;
const verdict = (over: boolean) => (over ? 'OVER' : 'within');
const size = `${(largest.bytes / 1000).toFixed(0)} KB of ${MOST_BYTES / 1000}`;
const ratio = `${slowest.ratio.toFixed(2)} of ${MOST_RATIO}`;
console.log(`\nThe largest: ${largest.name}, ${size}: ${verdict(isLarge)}`);
console.log(`The slowest: ${slowest.name}, a ratio of ${ratio}: ${verdict(isLate)}`);
process.exitCode = isLarge || isLate ? 1 : 0;
