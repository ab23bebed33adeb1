import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store } from '../sdk/chat.ts';
import { fileStore } from '../sdk/file-store.ts';
import { memoryStore, storeOn } from '../sdk/memory-store.ts';
import { serviceOf, userOfKey } from '../sdk/store.ts';
import type { Arguments } from './arguments.ts';
import { fileNameOf } from './file-name.ts';
import { lockFile } from './lock.ts';

/** The store of a user's state, for the lifetime of this process. */
interface OwnStore {
  store: Store;
  /** Another process uses the store, so this one saves nothing. */
  readonly isTaken: boolean;
  release(): void;
}

/** Opens the store of a user at a service: a file that one process uses at a time. Without a name, at the first login. */
export function openStore({ store: folder, url, name }: Arguments): OwnStore {
  if (folder === undefined) return notSaved(false);
  const service = join(folder, fileNameOf(serviceOf(url)));
  return name === undefined ? storeOfWhoLogsIn(service) : storeIn(service, name);
}

const notSaved = (isTaken: boolean): OwnStore => ({ store: memoryStore(), isTaken, release() {} });

function storeIn(service: string, user: string): OwnStore {
  const path = join(service, fileNameOf(user));
  mkdirSync(service, { recursive: true, mode: 0o700 });
  // File names contain the user and the service, so the folder is private.
  chmodSync(dirname(service), 0o700);
  const release = lockFile(`${path}.lock`);
  return release ? { store: fileStore(`${path}.jsonl`), isTaken: false, release } : notSaved(true);
}

/** Before it knows the user, a client finds nothing here; then it uses their part (`partOfUser`), so the first key says who it is. */
function storeOfWhoLogsIn(service: string): OwnStore {
  let own: OwnStore | undefined;
  const storeFor = (key: string): Store | undefined => {
    const user = userOfKey(key);
    if (user !== undefined) own ??= storeIn(service, user);
    return own?.store;
  };
  return {
    store: storeOn({
      get: (key) => storeFor(key)?.get(key),
      set: (key, value) => storeFor(key)?.set(key, value),
      keys: (prefix) => storeFor(prefix)?.keys(prefix) ?? [],
      compact: () => own?.store.compact?.(),
      get unkept() {
        return own?.store.unkept;
      },
    }),
    get isTaken() {
      return own?.isTaken ?? false;
    },
    release: () => own?.release(),
  };
}
