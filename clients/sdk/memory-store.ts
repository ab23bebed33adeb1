import { storeOn } from './keeping.ts';
import type { Store } from './store.ts';

export { storeOn };

/** A store in memory. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return storeOn({
    get: (key) => entries.get(key),
    set: (key, value) => void (value === undefined ? entries.delete(key) : entries.set(key, value)),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  });
}
