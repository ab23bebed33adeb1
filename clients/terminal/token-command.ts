import { spawn } from 'node:child_process';
import { grouped, killGroup } from '../../cli/process-group.ts';
import type { Options } from '../sdk/chat.ts';

const LIMIT_MS = 25_000;
// A token has at most 8 KiB (protocol/limits.ts).
const MOST = 64 * 1024;
// Once the command has ended, what it printed is read within this. Agents that it started may hold its output open for days.
const READ_MS = 500;

/**
 * Runs a shell command for each token: the first line that it prints. The environment variable `CHAT_TOKEN_REFUSED` says why
 * the last token was refused, if it was.
 * @param limit milliseconds, after which the command and what it started are killed
 * @returns a `getToken` that throws an Error saying what went wrong
 */
export const tokensOf =
  (command: string, limit = LIMIT_MS): NonNullable<Options['getToken']> =>
  (refused) =>
    new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`\`${command}\` ${why}`));
      const child = spawn(command, {
        shell: true,
        ...grouped,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(refused && { CHAT_TOKEN_REFUSED: refused }) },
      });
      let isLate = false;
      const kill = () => {
        isLate = true;
        killGroup(child);
      };
      const timer = setTimeout(kill, limit);
      // Nobody waits for a token any more.
      process.once('exit', kill);
      const [output, errors] = [child.stdout, child.stderr].map((stream) => {
        const text = { is: '' };
        stream.setEncoding('utf8').on('data', (part: string) => {
          if (text.is.length < MOST) text.is += part;
        });
        return text;
      });
      child.once('error', ({ message }) => {
        clearTimeout(timer);
        process.off('exit', kill);
        fail(`cannot be started: ${message}`);
      });
      child.once('exit', () => {
        clearTimeout(timer);
        process.off('exit', kill);
        const stopReading = setTimeout(
          () => [child.stdout, child.stderr].map((each) => each.destroy()),
          READ_MS,
        );
        child.once('close', () => clearTimeout(stopReading));
      });
      child.once('close', (code, signal) => {
        const token = firstLine(output?.is);
        const said = firstLine(errors?.is);
        if (isLate) fail(`did not end within ${limit / 1_000} s`);
        else if (code !== 0)
          fail(`${signal ? `was ended by ${signal}` : `exited with code ${code}`}${said && `: ${said}`}`);
        else if (token === '') fail('printed no token');
        else resolve(token);
      });
    });

const firstLine = (text = ''): string => text.trim().split('\n', 1)[0]?.trim() ?? '';
