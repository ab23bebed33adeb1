// `npm run bench:start`: the time from `npm start` to the line with its URL, if no source has changed; the median of several
// runs. Alternates with an empty script under the same npm and tsx: the minimum for any `npm start` of TypeScript; and with
// the package parley-chat, without npx.
//
// How to read it: the seconds are this machine's; the ratio carries over. Exits with 1 if a median is above its limit.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseOrExit } from '../../cli/command.ts';
import { median } from '../harness/numbers.ts';
import { buildPackage } from '../pack/build.ts';

parseOrExit({
  name: 'npm run bench:start',
  about: 'Measures how long npm start takes when nothing has changed, and the package parley-chat.',
  flags: {},
});

const ROUNDS = 7;
const LIMIT_MS = { start: 1_500, packaged: 2_000 };
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

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
// In the repository, where the package finds what it depends on; named as what local/cache.ts clears away.
const made = mkdtempSync(join(cache, 'making-'));
await buildPackage('cli', join(made, 'cli'));
const folder = mkdtempSync(join(tmpdir(), 'parley-start-'));
const empty = join(folder, 'empty.ts');
writeFileSync(empty, "console.log('ready'); setInterval(() => {}, 1_000);");
const up = (command: string, args: readonly string[], data: string) =>
  timeTo('ws://localhost:', command, [...args, '--port', '0', '--data', join(folder, data)]);
const start = () => up('npm', ['start', '--'], 'data');
const packaged = () => up(process.execPath, [join(made, 'cli/parley-chat.js'), 'start'], 'packaged');
// The first run may have to build something.
await start();
await packaged();
const times = { start: [] as number[], empty: [] as number[], packaged: [] as number[] };
for (let round = 1; round <= ROUNDS; round++) {
  if (process.stderr.isTTY) process.stderr.write(`\rround ${round} of ${ROUNDS}`);
  times.empty.push(await timeTo('ready', 'npm', ['exec', '--', 'tsx', empty]));
  times.start.push(await start());
  times.packaged.push(await packaged());
}
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
for (const each of [folder, made]) rmSync(each, { recursive: true, force: true });

const least = median(times.empty);
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
console.log(`an empty script   ${seconds(least)}`);
for (const [what, name] of [
  ['start', 'npm start'],
  ['packaged', 'parley-chat start'],
] as const) {
  const took = median(times[what]);
  const isOver = took > LIMIT_MS[what];
  console.log(
    `${name.padEnd(18)}${seconds(took)}   ${(took / least).toFixed(1)} times as long; the slowest ${seconds(Math.max(...times[what]))}; the limit is ${seconds(LIMIT_MS[what])}: ${isOver ? 'OVER' : 'within'}`,
  );
  if (isOver) process.exitCode = 1;
}
