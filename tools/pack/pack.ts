import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage } from './build.ts';
import { installedBytes } from './installed.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A package, as it was packed. */
export interface Packed {
  name: string;
  version: string;
  /** The path of the tarball. */
  tarball: string;
  /** Bytes of the tarball. */
  size: number;
  /** Bytes of its files. */
  unpacked: number;
  /** Bytes that an installation takes, with all dependencies, but without peers. */
  installed: number;
  files: string[];
}

/** The folders of `packages/`. */
export const packageNames = async (): Promise<string[]> =>
  (await readdir(join(ROOT, 'packages'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();

/** Builds a package and packs it. @param into the folder of the tarball */
export async function pack(name: string, into = join(ROOT, 'dist')): Promise<Packed> {
  const cache = join(ROOT, '.cache');
  for (const folder of [cache, into]) await mkdir(folder, { recursive: true });
  // Of its own, since two may pack at the same time; named as what local/cache.ts clears away if this is killed.
  const scratch = await mkdtemp(join(cache, 'making-'));
  try {
    return await packIn(join(scratch, name), name, into);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function packIn(folder: string, name: string, into: string): Promise<Packed> {
  const { dependencies = {} } = await buildPackage(name, folder);
  const args = ['pack', folder, '--json', '--ignore-scripts', '--pack-destination', into];
  // A script on Windows.
  const { stdout } = await promisify(execFile)('npm', args, { shell: process.platform === 'win32' });
  const [made] = Object.values(JSON.parse(stdout)) as [NpmPacked];
  return {
    name: made.name,
    version: made.version,
    tarball: join(into, made.filename),
    size: made.size,
    unpacked: made.unpackedSize,
    installed: made.unpackedSize + (await installedBytes(Object.keys(dependencies))),
    files: made.files.map(({ path }) => path),
  };
}

interface NpmPacked {
  name: string;
  version: string;
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}
