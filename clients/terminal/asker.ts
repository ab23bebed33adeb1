import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Input } from './keys.ts';
import type { Asker } from './sign-in.ts';
import { escaped } from './text.ts';

/** The user gave up instead of answering. */
export class GaveUp extends Error {}

/** Asks questions on a terminal. Secret answers are not echoed. */
export function askerOn(input: Input, output: Writable): Asker {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  return {
    say: (line) => void output.write(`${escaped(line)}\n`),
    ask: (question, isSecret = false) =>
      new Promise((resolve, reject) => {
        // readline would print the question again after each key.
        if (isSecret) output.write(question);
        const lines = createInterface({ input, output: isSecret ? silent : output, terminal: true });
        lines.on('SIGINT', () => lines.close());
        lines.on('close', () => {
          if (isSecret) output.write('\n');
          reject(new GaveUp('Nothing was entered.'));
        });
        lines.question(isSecret ? '' : question, (answer) => {
          resolve(answer);
          lines.close();
        });
      }),
  };
}
