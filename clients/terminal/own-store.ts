import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryStore, type Store } from '../sdk/chat.ts';
import { fileStore } from '../sdk/file-store.ts';
import type { Arguments } from './arguments.ts';
import { fileNameOf } from './file-name.ts';
import { lockFile } from './lock.ts';

/** The store of a user's state, for the lifetime of this process. */
interface OwnStore {
  store: Store;
  /** Another process uses the store, so this one saves nothing. */
  isTaken: boolean;
  release(): void;
}

/** Opens the store of a user at a service: a file that one process uses at a time. */
export function openStore({ store: folder, url, name }: Arguments): OwnStore {
  const nothing = { store: memoryStore(), isTaken: false, release() {} };
  if (folder === undefined) return nothing;
  const { host, pathname } = new URL(url);
  const path = join(folder, encodeURIComponent(host + pathname.replace(/\/$/, '')), fileNameOf(name));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // File names contain the user and the service, so the folder is private.
  chmodSync(folder, 0o700);
  const release = lockFile(`${path}.lock`);
  return release
    ? { store: fileStore(`${path}.jsonl`), isTaken: false, release }
    : { ...nothing, isTaken: true };
}
