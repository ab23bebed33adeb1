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
