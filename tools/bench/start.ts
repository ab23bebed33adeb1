// `npm run bench:start`: the time from `npm start` to the line with its URL, if no source has changed; the median of several
// runs. Alternates with an empty script under the same npm and tsx: the minimum for any `npm start` of TypeScript.
//
// How to read it: the seconds are this machine's; the ratio carries over. Exits with 1 if the median is above 1.5 s.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseOrExit } from '../../cli/command.ts';
import { median } from '../harness/numbers.ts';

parseOrExit({
  name: 'npm run bench:start',
  about: 'Measures how long npm start takes when nothing has changed.',
  flags: {},
});

const ROUNDS = 7;
const BAR_MS = 1_500;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a command until it prints a line that contains `line`, then ends it. @returns milliseconds until that line */
async function timeTo(line: string, command: string, args: readonly string[]): Promise<number> {
  const started = performance.now();
  // In its own process group, since npm doesn't pass signals on reliably.
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const exit = new Promise((done) => child.once('exit', done));
  for await (const printed of createInterface(child.stdout)) {
    if (!printed.includes(line)) continue;
    const took = performance.now() - started;
    if (child.pid) process.kill(-child.pid, 'SIGINT');
    await exit;
    return took;
  }
  throw new Error(`${command} ${args.join(' ')} exited without printing "${line}"`);
}

const folder = mkdtempSync(join(tmpdir(), 'parley-start-'));
const empty = join(folder, 'empty.ts');
writeFileSync(empty, "console.log('ready'); setInterval(() => {}, 1_000);");
// The first run may have to build something.
const start = () =>
  timeTo('ws://localhost:', 'npm', ['start', '--', '--port', '0', '--data', join(folder, 'data')]);
await start();
const times = { start: [] as number[], empty: [] as number[] };
for (let round = 1; round <= ROUNDS; round++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${ROUNDS}`);
  times.empty.push(await timeTo('ready', 'npm', ['exec', '--', 'tsx', empty]));
  times.start.push(await start());
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
rmSync(folder, { recursive: true, force: true });

const [took, least] = [median(times.start), median(times.empty)];
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
console.log(`an empty script   ${seconds(least)}`);
console.log(`npm start         ${seconds(took)}   ${(took / least).toFixed(1)} times as long`);
console.log(
  `slowest           ${seconds(Math.max(...times.start))}; the limit is ${seconds(BAR_MS)}: ${took > BAR_MS ? 'OVER' : 'within'}`,
);
process.exitCode = took > BAR_MS ? 1 : 0;
