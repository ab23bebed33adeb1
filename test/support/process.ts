import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';
import { program } from './programs.ts';

/** `npm start` as a process that tests can kill. */
export interface Server {
  url: string;
  child: ChildProcess;
  /** All that it printed, standard error included. */
  printed(): string;
  /** Ends it by this signal; resolves with its exit code, null if the signal took it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts the local cloud with these flags, in one process, and waits for the line which says that it is up. */
export async function startServer(...flags: string[]): Promise<Server> {
  const port = await freePort();
  const args = [program('bin/start.ts'), '--port', `${port}`, ...flags];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const printed: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        printed.push(line);
        if (line.includes(`ws://localhost:${port}`)) resolve(`ws://127.0.0.1:${port}`);
      });
    }
    exit.then(([code]) => reject(new Error(`The process exited with code ${code}:\n${printed.join('\n')}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await exit)[0] as number | null;
  };
  return { url, child, printed: () => printed.join('\n'), end };
}
