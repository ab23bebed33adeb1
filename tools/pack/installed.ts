import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Bytes of packages and of all that they depend on, as they are installed here. @throws Error if one isn't */
export async function installedBytes(names: readonly string[]): Promise<number> {
  const found = new Set<string>();
  for (const name of names) await collect(name, ROOT, found);
  const sizes = await Promise.all([...found].map(bytesIn));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function collect(name: string, from: string, found: Set<string>): Promise<void> {
  const folder = resolve(name, from);
  if (found.has(folder)) return;
  found.add(folder);
  const { dependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  for (const each of Object.keys(dependencies)) await collect(each, folder, found);
}

/** Where Node finds a package, for a module of a folder. */
function resolve(name: string, from: string): string {
  const folder = join(from, 'node_modules', name);
  if (existsSync(folder)) return folder;
  if (from === dirname(from)) throw new Error(`${name} is not installed: npm ci`);
  return resolve(name, dirname(from));
}

/** Without packages inside it, which are counted if something depends on them. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = entries.map((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? 0 : bytesIn(path);
    return stat(path).then(({ size }) => size);
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
