import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, vi } from 'vitest';
import { program } from './programs.ts';

// A busy machine is no failure.
const PATIENCE = 60_000;

interface Run {
  child: ChildProcessWithoutNullStreams;
  /** What it has printed so far. */
  printed(): string;
  /** Waits until it has printed this. */
  shows(what: string): Promise<void>;
  /** What it printed when it has ended, and its exit code. */
  ended: Promise<{ output: string; errors: string; code: number | null }>;
}

// Nothing of whoever runs the tests.
const NOBODY = { CHAT_PASSWORD: '', CHAT_TOKEN: '', CHAT_TOKEN_COMMAND: '' };

const flagsOf = (args: readonly string[]) => (args.includes('--store') ? args : [...args, '--memory']);

/** `npm run chat` in a pipe. @param input all of it; if absent, it stays open */
export function chat(args: readonly string[], input?: string): Run {
  const run = started(process.execPath, [program('bin/chat.ts'), ...flagsOf(args)]);
  if (input !== undefined) run.child.stdin.end(input);
  return run;
}

/** `npm run chat` of somebody who sits at a terminal (`script` makes one) of this kind. */
export function seatedAt(term: string, args: readonly string[]): Run {
  const words = [process.execPath, program('bin/chat.ts'), ...flagsOf(args)];
  const command = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  // Containers may set CI, and the screen is drawn all the same.
  return started('script', ['-qfec', `stty cols 80 rows 24; ${command}`, '/dev/null'], {
    TERM: term,
    CI: '1',
  });
}

function started(program: string, args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(program, args, { env: { ...process.env, ...NOBODY, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const shows = (what: string) => vi.waitFor(() => expect(printed).toContain(what), PATIENCE);
  const exit = once(child, 'exit');
  const ended = Promise.all([text(child.stdout), text(child.stderr), exit]).then(
    ([output, errors, [code]]) => ({ output, errors, code }),
  );
  return { child, printed: () => printed, shows, ended };
}
