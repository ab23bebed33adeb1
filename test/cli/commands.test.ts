import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
/** npm's script → the program that it runs. */
const programs = Object.entries(scripts).flatMap(([script, line]) => {
  const [, file] = /^(?:tsx|node --import tsx) (\S+\.ts)$/.exec(line) ?? [];
  return file === undefined ? [] : [[script, file] as const];
});

async function run(file: string, ...args: string[]) {
  const running = promisify(execFile)(process.execPath, ['--import', 'tsx', file, ...args]);
  const { code = 0, stdout, stderr } = await running.catch((error) => error);
  return { code, stdout, stderr };
}

const nameOf = (script: string) => (script === 'start' ? 'npm start' : `npm run ${script}`);

test.each(programs)('npm run %s exits with code 2 for an unknown flag', async (script, file) => {
  expect(await run(file, '--bogus')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: `Unknown option '--bogus'\nTry: ${nameOf(script)} -- --help\n`,
  });
});

test('--help exits with 0, and does nothing else', async () => {
  expect(programs.length).toBeGreaterThan(15);
  const [script, file] = programs.find(([name]) => name === 'docs') ?? ['', ''];
  const { code, stdout, stderr } = await run(file, '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`\n\n  ${nameOf(script)} -- [options]\n`);
});
