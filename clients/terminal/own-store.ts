import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryStore, type Store } from '../sdk/chat.ts';
import { fileStore } from '../sdk/file-store.ts';
import type { Arguments } from './arguments.ts';
import { lockFile } from './lock.ts';

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
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Its files' names tell who talks to which service.
  chmodSync(folder, 0o700);
  const release = lockFile(`${path}.lock`);
  return release
    ? { store: fileStore(`${path}.jsonl`), isTaken: false, release }
    : { ...nothing, isTaken: true };
}
