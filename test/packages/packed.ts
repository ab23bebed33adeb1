import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, test } from 'vitest';
import { type Packed, pack } from '../../tools/pack/pack.ts';

const ATTW = 'node_modules/@arethetypeswrong/cli/dist/index.js';

/**
 * Packs a package, once for all tests of a file, and tests what all packages have in common.
 * @param into the folder of the tarball
 */
export async function packed(name: string, into: string): Promise<Packed> {
  const made = await pack(name, into);
  describe('the tarball', () => testTarball(made));
  return made;
}

function testTarball({ tarball, files }: Packed): void {
  const contentOf = async (...paths: string[]) => {
    const options = { maxBuffer: 1024 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)('tar', ['-xzOf', tarball, ...paths], options);
    return stdout;
  };

  test('publint finds nothing', async () => {
    // A copy, since a buffer may be a part of a larger one.
    const { buffer } = Uint8Array.from(await readFile(tarball));
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  if (files.some((path) => path.endsWith('.d.ts')))
    test('@arethetypeswrong/cli finds nothing', async () => {
      const running = promisify(execFile)(process.execPath, [
        ...[ATTW, tarball, '--format', 'ascii', '--no-color'],
      ]);
      const { stdout } = await running.catch((error) => error);
      expect(stdout).toContain('No problems found');
    });

  test('nothing in it knows where it was built', async () => {
    const all = await contentOf();
    expect(all).toContain('"license": "MIT"');
    for (const path of [process.cwd(), join(tmpdir(), 'parley-build-')])
      expect(all.includes(path), path).toBe(false);
  });

  test('it holds no sources and no tests, and says what it is', () => {
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(files.filter((path) => /(?<!\.d)\.[cm]?tsx?$|test/.test(path))).toEqual([]);
  });

  test('its README links to nothing beside it, where nothing is', async () => {
    expect(await contentOf('package/README.md')).not.toMatch(/\]\((?!https:|#)/);
  });

  test('what it depends on is of the version that the tests here run with', async () => {
    const { dependencies = {} } = JSON.parse(await contentOf('package/package.json'));
    const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(devDependencies).toMatchObject(dependencies);
  });
}
