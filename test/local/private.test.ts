import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startEngine } from '../../local/engine/engine.ts';
import { makePrivate } from '../../local/private.ts';
import { tempFolder } from './stack.ts';

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe.skipIf(process.platform === 'win32')('a folder of data', () => {
  test('is created for its owner alone', async () => {
    const folder = join(tempFolder(), 'a', 'data');
    const engine = await startEngine({ path: folder, tables: [], callers: new Map() });
    await engine.close();
    expect(modeOf(folder)).toBe('700');
    expect(makePrivate(folder)).toBe(false);
  });

  test('that others could open is closed to them, with everything in it', () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'queues', 'Work'), { recursive: true });
    for (const name of ['000005.log', join('queues', 'Work', 'a.json')])
      writeFileSync(join(folder, name), 'x');
    const all = ['', ...readdirSync(folder, { recursive: true })].map((name) => join(folder, `${name}`));
    for (const path of all) chmodSync(path, statSync(path).isDirectory() ? 0o755 : 0o644);
    expect(makePrivate(folder)).toBe(true);
    for (const path of all) expect(modeOf(path)).toBe(statSync(path).isDirectory() ? '700' : '600');
    expect(makePrivate(folder)).toBe(false);
  });

  test.each([
    // A folder that is there and takes no other: Node's recursive mkdir would try for ever.
    ['/proc/parley', 'ENOENT'],
    ['/dev/null', 'it is no folder'],
    ['/dev/null/data', 'it is no folder'],
  ])('that can’t be made, %s, is an error that names it', (folder, why) => {
    expect(() => makePrivate(folder)).toThrow(`Cannot open the data in ${folder}: ${why}`);
  });

  test('that is open and has other files in it is not changed', () => {
    const folder = tempFolder();
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'letter.txt'), 'x', { mode: 0o644 });
    expect(() => makePrivate(folder)).toThrow('use a separate folder for the data');
    expect([modeOf(folder), modeOf(join(folder, 'letter.txt'))]).toEqual(['755', '644']);
  });
});
