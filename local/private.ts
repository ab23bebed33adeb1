import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const OTHERS = 0o077;
// The names that LevelDB and the queues use in the data folder.
const OURS = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(ldb|log|sst)|ACKNOWLEDGED|queues|connections)$/;

/**
 * Creates a folder that only its owner may open, or makes an existing one private.
 * @returns whether others could open it before
 * @throws Error if it is no folder or cannot be written, belongs to another user, or is public and contains other files, which
 * may be shared on purpose
 */
export function makePrivate(folder: string): boolean {
  try {
    make(folder);
    accessSync(folder, constants.W_OK);
    if (process.platform === 'win32' || !isOpen(folder)) return false;
    const names = readdirSync(folder);
    if (names.length > 0 && !names.some((name) => OURS.test(name)))
      throw new Error(
        'other users can open it and it contains other files; use a separate folder for the data',
      );
    close(folder);
    return true;
  } catch (error) {
    throw new Error(`Cannot open the data in ${folder}: ${(error as Error).message}`, { cause: error });
  }
}

/** One by one: `recursive` would try for ever where a folder that is there takes none, as in /proc. */
function make(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw new Error('it is no folder');
    return;
  }
  make(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

const isOpen = (path: string): boolean => (statSync(path).mode & OTHERS) !== 0;

/** Changes all files, too: the folder's mode doesn't protect against hard links and open files. */
function close(path: string): void {
  const { mode } = statSync(path);
  chmodSync(path, mode & 0o777 & ~OTHERS);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) close(inside);
    else if (entry.isFile() && isOpen(inside)) chmodSync(inside, 0o600);
  }
}
