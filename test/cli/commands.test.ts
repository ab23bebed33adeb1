import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { program, scriptPrograms } from '../support/programs.ts';

const programs = [...scriptPrograms];

async function run(...args: string[]) {
  const running = promisify(execFile)(process.execPath, args);
  const { code = 0, stdout, stderr } = await running.catch((error) => error);
  return { code, stdout, stderr };
}

const nameOf = (script: string) => (script === 'start' ? 'npm start' : `npm run ${script}`);

test.each(programs)('npm run %s exits with code 2 for an unknown flag', async (script, file) => {
  expect(await run(program(file), '--bogus')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: `Unknown option '--bogus'\nTry: ${nameOf(script)} -- --help\n`,
  });
});

// As npm does, with tsx.
test('--help exits with 0, and does nothing else', async () => {
  expect(programs.length).toBeGreaterThan(15);
  const [script, file] = programs.find(([name]) => name === 'docs') ?? ['', ''];
  const { code, stdout, stderr } = await run('--import', 'tsx', file, '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`\n\n  ${nameOf(script)} -- [options]\n`);
});
