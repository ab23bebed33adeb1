import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { run } from '../cli/command.ts';
import { cloudFile } from '../tools/load/cloud-file.ts';
import { command, loadOf, type Options } from '../tools/load/options.ts';
import { pageOf } from '../tools/load/page.ts';
import { isWhole, textOf } from '../tools/load/result.ts';
import { run as loadWith } from '../tools/load/run.ts';

const isTerminal = process.stderr.isTTY;
/** Shows progress: one line that is overwritten on a terminal, otherwise a line each. */
function say(text: string): void {
  if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
  else if (text !== '') process.stderr.write(`${text}\n`);
}

/** Starts a local cloud in a child process, which ends with this one. */
async function startCloud(): Promise<{ url: string; stop: () => void }> {
  say('Starting a local cloud …');
  const child = fork(cloudFile);
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`The local cloud exited with code ${code}`);
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

async function main(options: Options): Promise<number> {
  const load = loadOf(options);
  const { url, password = process.env.LOAD_PASSWORD, json, report } = options;
  // Fails now if a file can't be written, not after the work.
  for (const file of [json, report]) if (file) writeFileSync(file, '', { flag: 'a' });
  const stopped = new AbortController();
  process.once('SIGINT', () => {
    say('Stopping: waiting for what was sent. Press Ctrl-C again to stop at once.\n');
    stopped.abort(new Error('Interrupted before anything was sent.'));
    // Not at once: on a terminal both npm and this process get the signal, and npm passes its own on.
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
