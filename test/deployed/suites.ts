import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Children } from './children.ts';
import { RAN_FILE, type Ran } from './reporter.ts';

const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const reporter = fileURLToPath(new URL('reporter.ts', import.meta.url));

/**
 * Runs the end-to-end suites.
 * @param only runs only suites whose file has this in its name
 * @throws Error if they end without a result
 */
export async function runSuites(url: string, only: string | undefined, children: Children): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-deployed-'));
  // Files that they left behind when they were killed.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'ran.json');
  const args = ['run', '--project', 'e2e', '--reporter', 'default', '--reporter', reporter];
  await children.run([vitest, ...args, ...(only === undefined ? [] : [only])], {
    CHAT_URL: url,
    TMPDIR: folder,
    [RAN_FILE]: file,
  });
  return JSON.parse(readFileSync(file, 'utf8')) as Ran;
}

/** For people. */
export const toldRan = ({ passed, failed, leftOut }: Ran): string =>
  [
    `End-to-end tests: ${passed} passed, ${failed.length} failed, ${leftOut.length} left out.`,
    ...failed.map((test) => `  failed    ${test}`),
    ...leftOut.map(({ test, why }) => `  left out  ${test} (${why})`),
  ].join('\n');
