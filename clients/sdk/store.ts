/**
 * What must survive a restart: the session, cursors and unsent messages, as text under short keys. A value is durable when
 * `set` returns; the outbox relies on it.
 */
export interface Store {
  get(key: string): string | undefined;
  /** @param value undefined removes the key */
  set(key: string, value: string | undefined): void;
  /** All keys with this prefix, in no order. */
  keys(prefix: string): string[];
  /** Erases removed and replaced values from the medium; called at logout. */
  compact?(): void;
  /** What is in memory alone, as the medium keeps nothing (`all`) or had no room (`some`); undefined if all is durable. */
  readonly unkept?: 'all' | 'some' | undefined;
  /** Calls with each key that another program on the same medium sets or removes. @returns stops */
  watch?(changed: (key: string) => void): () => void;
}

/** A store in memory. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void (value === undefined ? entries.delete(key) : entries.set(key, value)),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** Reads a JSON value; undefined for what is none, as others may write here too: a start must not fail on it. */
export function readJson<T>(store: Store, key: string): T | undefined {
  try {
    return JSON.parse(store.get(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Removes all keys with a prefix. */
export function clear(store: Store, prefix: string): void {
  for (const key of store.keys(prefix)) store.set(key, undefined);
}

/** The part of a store whose keys have a prefix. */
export const partOf = (store: Store, prefix: string): Store => ({
  get: (key) => store.get(prefix + key),
  set: (key, value) => store.set(prefix + key, value),
  keys: (start) => store.keys(prefix + start).map((key) => key.slice(prefix.length)),
});

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
 * still doesn't take, since it is full or keeps nothing for this page, is in the memory of this one store.
 * @param prefix of all its keys
 */
export function browserStore(storage = theBrowsers(), prefix = 'parley/'): Store {
  const memory = memoryStore();
  if (!storage) return { ...memory, unkept: 'all' };
  const whole: Store = {
    get: (key) => storage.getItem(key) ?? undefined,
    set: (key, value) => (value === undefined ? storage.removeItem(key) : storage.setItem(key, value)),
    keys: (start) =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((key) =>
        key.startsWith(start),
      ),
  };
  const part = partOf(whole, prefix);
  let unkept: Store['unkept'];
  return {
    get unkept() {
      return unkept;
    },
    get: (key) => memory.get(key) ?? part.get(key),
    set(key, value) {
      memory.set(key, undefined);
      try {
        part.set(key, value);
      } catch {
        for (const each of part.keys('').filter(isCached)) part.set(each, undefined);
        try {
          part.set(key, value);
        } catch {
          // An older value must not be back after a restart.
          part.set(key, undefined);
          if (isCached(key)) return;
          memory.set(key, value);
          unkept = 'some';
        }
      }
    },
    keys: (start) => [...new Set([...part.keys(start), ...memory.keys(start)])],
    watch(changed) {
      const take = ({ storageArea, key }: StorageChange) =>
        storageArea === storage && key?.startsWith(prefix) && changed(key.slice(prefix.length));
      host.addEventListener?.('storage', take);
      return () => host.removeEventListener?.('storage', take);
    },
  };
}

/** The part of a store that belongs to a user. Their id is encoded, so that it has no slash and no part is in another. */
export const partOfUser = (username: string): string => `${encodeURIComponent(username)}/`;

/** The user whose part a key is in; undefined for a key in none. */
export function userOfKey(key: string): string | undefined {
  const [, user] = /^([^/=]+)\//.exec(key) ?? [];
  return user && decodeURIComponent(user);
}

/** Keys of a user that the server can restore (cache.ts). */
const isCached = (key: string) => /^[^/]+\/m\//.test(key);

type StorageChange = { storageArea: unknown; key: string | null };
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
