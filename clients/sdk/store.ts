/**
 * Where a client keeps what must outlive it: its session, its cursors, what it has not sent yet. All of it is
 * text under short keys. What `set` was given is there as soon as it returns: the outbox relies on it.
 */
export interface Store {
  get(key: string): string | undefined;
  /** @param value undefined takes the key out */
  set(key: string, value: string | undefined): void;
  /** All keys that begin so, in no order. */
  keys(prefix: string): string[];
  /** Leaves nothing of what was taken out or replaced where it is kept; called when a user logs out. */
  compact?(): void;
}

/** A store that ends with its process. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => void (value === undefined ? entries.delete(key) : entries.set(key, value)),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** What was set as JSON. */
export const saved = <T>(store: Store, key: string): T | undefined =>
  JSON.parse(store.get(key) ?? 'null') ?? undefined;

/** Takes out all keys that begin so. */
export function clear(store: Store, prefix: string): void {
  for (const key of store.keys(prefix)) store.set(key, undefined);
}

/** A part of a store, by what its keys begin with. */
export const partOf = (store: Store, prefix: string): Store => ({
  get: (key) => store.get(prefix + key),
  set: (key, value) => store.set(prefix + key, value),
  keys: (start) => store.keys(prefix + start).map((key) => key.slice(prefix.length)),
});

/** What is used of a browser's `localStorage`. */
interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * A store in the browser, shared by all tabs of one origin. When it is full, the cached messages make room.
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

/** Of the keys below a user's name, those that the server can give again (cache.ts). */
const isCached = (key: string) => key.includes('/m/');

const theBrowsers = (): WebStorage => (globalThis as unknown as { localStorage: WebStorage }).localStorage;
