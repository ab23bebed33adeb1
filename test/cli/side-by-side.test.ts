import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { tempFolder } from '../local/stack.ts';

const program = fileURLToPath(new URL('../../bin/side-by-side.mjs', import.meta.url));

function begun(...commands: string[]) {
  const child = spawn(process.execPath, [program, ...commands], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = Promise.all([once(child, 'exit'), text(child.stdout)]).then(([[code], said]) => ({
    code,
    said,
  }));
  return { child, ended };
}

const node = (code: string) => `"${process.execPath}" -e "${code}"`;

test('what each prints comes in one piece, and all that succeed are a success', async () => {
  const prints = (word: string) =>
    node(`console.log('${word} 1'); setTimeout(() => console.error('${word} 2'), 20)`);
  const { code, said } = await begun(prints('a'), prints('b')).ended;
  expect(said.replace(/([ab]) 1\n\1 2\n/g, '$1')).toMatch(/^(ab|ba)$/);
  expect(code).toBe(0);
});

test('one that fails is named, and fails them all; the others go on', async () => {
  const { code, said } = await begun('exit 3', node(`setTimeout(() => console.log('done'), 100)`)).ended;
  expect(said).toBe('Failed, with 3: exit 3\ndone\n');
  expect(code).toBe(1);
});

test('they run at the same time', async () => {
  const folder = tempFolder();
  const [a, b] = [join(folder, 'a'), join(folder, 'b')];
  const meets = (mine: string, other: string) =>
    node(
      `const fs = require('fs'); fs.writeFileSync('${mine}', ''); setInterval(() => fs.existsSync('${other}') && process.exit(), 10)`,
    );
  expect(await begun(meets(a, b), meets(b, a)).ended).toEqual({ code: 0, said: '' });
});

test('a signal ends them all', async () => {
  const folder = tempFolder();
  const files = [join(folder, 'a'), join(folder, 'b')];
  const stays = (file: string) =>
    node(`require('fs').writeFileSync('${file}', String(process.pid)); setInterval(() => {}, 1000)`);
  const { child, ended } = begun(...files.map(stays));
  const pids = await Promise.all(
    files.map((file) =>
      vi.waitFor(() => {
        const pid = Number(readFileSync(file, 'utf8'));
        expect(pid).toBeGreaterThan(0);
        return pid;
      }, 60_000),
    ),
  );
  child.kill('SIGTERM');
  expect((await ended).code).toBe(1);
  for (const pid of pids) await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 60_000);
});
