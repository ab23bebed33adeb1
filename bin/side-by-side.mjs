// Runs commands beside each other, for npm's scripts: `node bin/side-by-side.mjs 'tsc' 'biome check .'`. What each prints comes in
// one piece, when it has ended. Exits with 1 if any fails; a signal ends them all.
import { spawn } from 'node:child_process';

const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;

/** @returns whether it succeeded */
function run(command) {
  // In a group of its own, as a shell passes no signals on to what it runs.
  const child = spawn(command, { env, shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => printed.push(data));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => endGroup(child.pid, signal));
  return new Promise((ended) => {
    child.on('close', (code, signal) => {
      const how = code === 0 ? '' : `Failed, with ${code ?? signal}: ${command}\n`;
      process.stdout.write(Buffer.concat([...printed, Buffer.from(how)]));
      ended(code === 0);
    });
  });
}

function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

const succeeded = await Promise.all(process.argv.slice(2).map(run));
process.exitCode = succeeded.every(Boolean) ? 0 : 1;
