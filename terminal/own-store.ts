import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryStore, type Store } from '../client/chat.ts';
import { fileStore } from '../client/file-store.ts';
import type { Arguments } from './arguments.ts';

/** Where a user's state is kept as long as this process lives. */
interface OwnStore {
  store: Store;
  /** Another process has it: this one keeps nothing. */
  isTaken: boolean;
  release(): void;
}

/** The store of this user of this service, a file of its own, which one process has at a time. */
export function openStore({ store: folder, url, name }: Arguments): OwnStore {
  const nothing = { store: memoryStore(), isTaken: false, release() {} };
  if (folder === undefined) return nothing;
  const { host, pathname } = new URL(url);
  const path = join(folder, encodeURIComponent(host + pathname.replace(/\/$/, '')), encodeURIComponent(name));
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Its files' names tell who talks to which service.
  chmodSync(folder, 0o700);
  if (!take(lock) && !(isStale(lock) && take(lock))) return { ...nothing, isTaken: true };
  // Once only: afterwards the lock is another's.
  const release = () => {
    if (process.listeners('exit').includes(release)) rmSync(lock, { force: true });
    process.off('exit', release);
  };
  process.on('exit', release);
  return { store: fileStore(`${path}.jsonl`), isTaken: false, release };
}

function take(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Left by a process that was killed; then it is gone. */
function isStale(lock: string): boolean {
  try {
    // Signal 0 only asks whether the process is there.
    process.kill(Number(readFileSync(lock, 'utf8')) || 0, 0);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return false;
    rmSync(lock, { force: true });
    return true;
  }
}
