import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from '../cli/command.ts';
import { type Asked, command, loadOf } from '../tools/load/options.ts';
import { pageOf } from '../tools/load/page.ts';
import { isWhole, textOf } from '../tools/load/result.ts';
import { run as loadWith } from '../tools/load/run.ts';

const isTerminal = process.stderr.isTTY;
/** One line that is written over; where nobody watches, a line each. */
function say(text: string): void {
  if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

/** Ends with this process. */
async function startCloud(): Promise<{ url: string; stop: () => void }> {
  say('Starting a local cloud …');
  const child = fork(fileURLToPath(new URL('../tools/load/cloud.ts', import.meta.url)));
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The local cloud ended with ${code}`);
  });
  const [{ url }] = (await Promise.race([once(child, 'message'), died])) as [{ url: string }];
  return {
    url,
    stop() {
      child.removeAllListeners('exit');
      child.disconnect();
    },
  };
}

async function main(asked: Asked): Promise<number> {
  const load = loadOf(asked);
  const { url, password = process.env.LOAD_PASSWORD, json, report } = asked;
  // Before the work, so that it is not done in vain.
  for (const file of [json, report]) if (file) writeFileSync(file, '', { flag: 'a' });
  const stopped = new AbortController();
  process.once('SIGINT', () => {
    say('Ending; what was sent is waited for. Ctrl-C again ends at once.\n');
    stopped.abort(new Error('Interrupted before anything was sent.'));
    // Not yet: npm passes on what the terminal has sent to all.
    setTimeout(() => process.once('SIGINT', () => process.exit(130)), 500).unref();
    process.on('SIGINT', () => {});
  });
  const cloud = url === undefined ? await startCloud() : { url, stop() {} };
  const result = await loadWith({ url: cloud.url, load, password, signal: stopped.signal, say });
  cloud.stop();
  console.log(textOf(result));
  if (json) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
  if (report) writeFileSync(report, pageOf(result));
  return isWhole(result) ? 0 : 1;
}

await run(command, main);
