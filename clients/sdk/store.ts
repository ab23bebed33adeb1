/**
 * Where a program keeps what must survive a restart, as text under short keys. A value is durable when `set` returns; the
 * client relies on it.
 */
export interface KeyValueStore {
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

/** What a client keeps its state in, as `storeOn` makes it of a medium. */
export interface Store extends KeyValueStore {
  /** Makes a client use it. What the client gives is its own affair. */
  keep(client: never): void;
}

/** Reads a JSON value; undefined for what is none, as others may write here too: a start must not fail on it. */
export function readJson<T>(store: Pick<KeyValueStore, 'get'>, key: string): T | undefined {
  try {
    return JSON.parse(store.get(key) ?? 'null') ?? undefined;
  } catch {
    return undefined;
  }
}

/** Removes all keys with a prefix. */
export function clear(store: KeyValueStore, prefix: string): void {
  for (const key of store.keys(prefix)) store.set(key, undefined);
}

/** The part of a store whose keys have a prefix. */
export const partOf = (store: KeyValueStore, prefix: string): KeyValueStore => ({
  get: (key) => store.get(prefix + key),
  set: (key, value) => store.set(prefix + key, value),
  keys: (start) => store.keys(prefix + start).map((key) => key.slice(prefix.length)),
  compact: () => store.compact?.(),
  watch: (changed) =>
    store.watch?.((key) => key.startsWith(prefix) && changed(key.slice(prefix.length))) ?? (() => {}),
});

/**
 * Which service a URL leads to: scheme, host and path. A query says how to reach it, a slash at the end nothing. Another
 * scheme is another service: what came through TLS must not go out without it.
 */
export function serviceOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/**
 * The part of a store that belongs to a service, in which all keys of its clients are: neither tokens nor texts of one may
 * get to another. Encoded, like users in it, so that it has no slash and no part is in another.
 */
export const partOfService = (store: KeyValueStore, url: string): KeyValueStore =>
  partOf(store, `${encodeURIComponent(serviceOf(url))}/`);

/** The part of a service's part that belongs to a user. */
export const partOfUser = (username: string): string => `${encodeURIComponent(username)}/`;

/** The user whose part a key of a whole store is in; undefined for a key in none. */
export function userOfKey(key: string): string | undefined {
  const [, user] = /^[^/]+\/([^/=]+)\//.exec(key) ?? [];
  return user && decodeURIComponent(user);
}

// The last user of a service, and their session token.
export const SESSION = 'session';

interface Saved {
  username: string;
  token: string;
}

export const savedIn = (store: Pick<KeyValueStore, 'get'>): Partial<Saved> =>
  readJson<Saved>(store, SESSION) ?? {};

/** The session token of whoever is logged in on a service's part; undefined for nobody. */
export const tokenOn = (store: KeyValueStore): string | undefined => savedIn(store).token;

/** Who is logged in on a service's part, in this program or another; undefined for nobody. Not known of users with `getToken`. */
export const userOn = (store: KeyValueStore): string | undefined => savedIn(store).username;
