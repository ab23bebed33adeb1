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

/** Reads a JSON value. */
export const readJson = <T>(store: Store, key: string): T | undefined =>
  JSON.parse(store.get(key) ?? 'null') ?? undefined;

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
 * A store in the browser, shared by all tabs of one origin. When it is full, cached messages are dropped.
 * @param prefix of all its keys
 */
export function browserStore(storage = theBrowsers(), prefix = 'parley/'): Store {
  const whole: Store = {
    get: (key) => storage.getItem(key) ?? undefined,
    set: (key, value) => (value === undefined ? storage.removeItem(key) : storage.setItem(key, value)),
    keys: (start) =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '').filter((key) =>
        key.startsWith(start),
      ),
  };
  const part = partOf(whole, prefix);
  const set: Store['set'] = (key, value) => {
    try {
      part.set(key, value);
    } catch {
      for (const each of part.keys('').filter(isCached)) part.set(each, undefined);
      part.set(key, value);
    }
  };
  return { ...part, set };
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

const theBrowsers = (): WebStorage => (globalThis as unknown as { localStorage: WebStorage }).localStorage;
