import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { expect, test } from 'vitest';
import { type Packed, pack, packageNames } from '../../tools/pack/pack.ts';

const ATTW = 'node_modules/@arethetypeswrong/cli/dist/index.js';

/** All packages, packed once. */
const packages: Packed[] = [];
const into = await mkdtemp(join(tmpdir(), 'tarballs-'));
for (const name of await packageNames()) packages.push(await pack(name, into));

test.each(packages)('publint finds nothing in $name', async ({ tarball }) => {
  // A copy, since a buffer may be a part of a larger one.
  const { buffer } = Uint8Array.from(await readFile(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
});

const imported = packages.filter(({ files }) => files.some((path) => path.endsWith('.d.ts')));

test.each(imported)('@arethetypeswrong/cli finds nothing in $name', async ({ tarball }) => {
  const running = promisify(execFile)(process.execPath, [ATTW, tarball, '--format', 'ascii', '--no-color']);
  const { stdout } = await running.catch((error) => error);
  expect(stdout).toContain('No problems found');
});

test.each(packages)('nothing in $name knows where it was built', async ({ tarball }) => {
  const options = { maxBuffer: 1024 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', tarball], options);
  expect(stdout).toContain('@parley-chat/');
  for (const path of [process.cwd(), join(tmpdir(), 'parley-build-')])
    expect(stdout.includes(path), path).toBe(false);
});

test.each(packages)('$name holds no sources and no tests, and says what it is', async ({ files }) => {
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
  expect(files.filter((path) => /(?<!\.d)\.[cm]?tsx?$|test/.test(path))).toEqual([]);
});
