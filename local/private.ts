import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const OTHERS = 0o077;
// What LevelDB and the queues keep in the data folder.
const OURS = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(ldb|log|sst)|ACKNOWLEDGED|queues|connections)$/;

/**
 * Creates a folder that only its owner may open, or makes an existing one private.
 * @returns whether others could open it before
 * @throws Error if it is no folder, another user's, or contains other files, which may be meant for others
 */
export function makePrivate(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.platform === 'win32' || !isOpen(folder)) return false;
    const names = readdirSync(folder);
    if (names.length > 0 && !names.some((name) => OURS.test(name)))
      throw new Error('others may open it, and it has other files in it: give the data a folder of its own');
    close(folder);
    return true;
  } catch (error) {
    throw new Error(`The data in ${folder} does not open: ${(error as Error).message}`, { cause: error });
  }
}

const isOpen = (path: string): boolean => (statSync(path).mode & OTHERS) !== 0;

/** Includes all files: the folder's mode alone doesn't keep out hard links and open files. */
function close(path: string): void {
  const { mode } = statSync(path);
  chmodSync(path, mode & 0o777 & ~OTHERS);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) close(inside);
    else if (entry.isFile() && isOpen(inside)) chmodSync(inside, 0o600);
  }
}
