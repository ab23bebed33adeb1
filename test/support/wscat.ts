import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { withCredentials } from './configured.ts';
import { configured } from './given.ts';

const WSCAT = fileURLToPath(new URL('../../node_modules/.bin/wscat', import.meta.url));
const KNOCK = 'knock-knock';
const KNOCK_MS = 200;
const PATIENCE_MS = 60_000;

/** The real wscat, with a pipe for hands and eyes. */
export interface Wscat {
  /** Types a line. */
  type(line: string): void;
  /** The next line that wscat prints, without its prompts. */
  reads(): Promise<string>;
}

/** Starts `wscat -c URL`, and comes back when it is connected. */
export async function wscat(url: string): Promise<Wscat> {
  const child = spawn(WSCAT, ['-c', url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.stdin.end();
    await exit;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const type = (line: string) => void child.stdin.write(`${withCredentials(line, configured())}\n`);
  const prints = async () => {
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    const { value } = await lines.next();
    clearTimeout(timer);
    if (value === undefined) throw new Error(`wscat ended, or printed nothing for ${PATIENCE_MS / 1000} s`);
    return String(value).replace(/^(> )+/, '');
  };
  const reads = async () => {
    let line = await prints();
    // Each knock that was heard gets a reply, which quotes it: in any order, and later than the first.
    while (line.includes(KNOCK)) line = await prints();
    return line;
  };
  await knock(type, prints);
  return { type, reads };
}

/** Without a terminal wscat doesn't say when it is connected, and drops what is typed before: so ask until there is a reply. */
async function knock(type: (line: string) => void, prints: () => Promise<string>): Promise<void> {
  const knocking = setInterval(() => type(KNOCK), KNOCK_MS);
  await prints();
  clearInterval(knocking);
}
