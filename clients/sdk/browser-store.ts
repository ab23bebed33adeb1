import { storeOn } from './keeping.ts';
import { type Store, userOfKey } from './store.ts';

/** The part of `localStorage` that is used. */
interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * A store in the browser, shared by all tabs of one origin. When it is full, cached messages are dropped. What the browser
 * still doesn't take, since it is full or keeps nothing for this page, is in the memory of this one store, until there is
 * room. Of what belongs to a user, the browser then has what it took last.
 * @param prefix of all its keys
 */
export function browserStore(storage = theBrowsers(), prefix = 'parley/'): Store {
  const memory = new Map<string, string>();
  const stored = () =>
    Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '')
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  const put = (key: string, value?: string) =>
    value === undefined ? storage?.removeItem(prefix + key) : storage?.setItem(prefix + key, value);
  /** There may be room now. */
  const keepMore = () => {
    for (const [key, value] of memory)
      try {
        put(key, value);
        memory.delete(key);
      } catch {}
  };
  return storeOn({
    get unkept() {
      return storage ? (memory.size > 0 ? 'some' : undefined) : 'all';
    },
    get: (key) => memory.get(key) ?? storage?.getItem(prefix + key) ?? undefined,
    set(key, value) {
      memory.delete(key);
      if (!storage && value !== undefined) memory.set(key, value);
      try {
        put(key, value);
      } catch {
        for (const each of stored().filter(isCached)) put(each);
        try {
          put(key, value);
        } catch {
          // Neither an older text of a message nor whoever was logged in before may be back after a restart.
          if (isCached(key) || !isOfUser(key)) put(key);
          if (!isCached(key)) memory.set(key, value as string);
        }
      }
      if (storage && value === undefined) keepMore();
    },
    keys: (start) => [...new Set([...stored(), ...memory.keys()])].filter((key) => key.startsWith(start)),
    watch(changed) {
      const take = ({ storageArea, key, newValue }: StorageChange) => {
        if (!storage || storageArea !== storage || !key?.startsWith(prefix)) return;
        const own = key.slice(prefix.length);
        if (newValue === null) memory.delete(own);
        changed(own);
      };
      host.addEventListener?.('storage', take);
      return () => host.removeEventListener?.('storage', take);
    },
  });
}

const isOfUser = (key: string) => userOfKey(key) !== undefined;

/** Keys of a user that the server can restore (cache.ts). */
const isCached = (key: string) => isOfUser(key) && key.split('/')[2] === 'm';

type StorageChange = { storageArea: unknown; key: string | null; newValue?: string | null };
type Listen = (event: 'storage', listener: (event: StorageChange) => void) => void;

/** The part of a browser's window that is used. */
const host = globalThis as unknown as {
  localStorage?: WebStorage;
  addEventListener?: Listen;
  removeEventListener?: Listen;
};

/** The browser's, or undefined if it refuses to say what is stored, as with cookies blocked. */
function theBrowsers(): WebStorage | undefined {
  try {
    // Some refuse only its use.
    return host.localStorage && host.localStorage.length >= 0 ? host.localStorage : undefined;
  } catch {
    return undefined;
  }
}
