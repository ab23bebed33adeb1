import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { withCredentials } from './configured.ts';
import { configured } from './given.ts';

const WSCAT = fileURLToPath(new URL('../../node_modules/.bin/wscat', import.meta.url));
const KNOCK_MS = 200;
const PATIENCE_MS = 10_000;

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
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const type = (line: string) => void child.stdin.write(`${withCredentials(line, configured())}\n`);
  const reads = async () => {
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    const { value } = await lines.next();
    clearTimeout(timer);
    if (value === undefined) throw new Error('wscat ended, or printed nothing for 10 s');
    return String(value).replace(/^(> )+/, '');
  };
  await knock(type, reads);
  return { type, reads };
}

/** Without a terminal wscat doesn't say when it is connected, and drops what is typed before: so ask. */
async function knock(type: (line: string) => void, reads: () => Promise<string>): Promise<void> {
  let knocks = 0;
  const knocking = setInterval(() => {
    knocks += 1;
    type(`knock-${knocks}`);
  }, KNOCK_MS);
  let reply = await reads();
  clearInterval(knocking);
  // Each knock that was heard gets a reply, which quotes it; the last one ends it.
  while (!reply.includes(`knock-${knocks}`)) reply = await reads();
}
