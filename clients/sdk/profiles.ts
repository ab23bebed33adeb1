import type { Chat, ReplyFor, RequestFor } from './types.ts';

/** What a user shows beside their name; absent fields are not set. */
export type UserProfile = ReplyFor<'get_profiles'>['profiles'][number];

/** What a group shows beside its name. */
export type GroupProfile = ReplyFor<'get_groups'>['groups'][number];

/** Milliseconds for which an answer is kept: changes are not pushed. */
export const PROFILE_AGE = 300_000;

// The server's limit for one request.
const BATCH = 100;
// What is kept, at most: far more than a screen shows.
const KEPT = 5_000;

/** Names, pictures and titles, cached: whatever is asked for at once goes out as one request, and nothing twice. */
export interface Profiles {
  /**
   * The profiles of these users; who has none is absent. Rejects with a `RequestError`.
   * @param maxAge milliseconds since a kept answer was asked for, at most: 300,000, or less where somebody looks closely
   */
  users(usernames: readonly string[], maxAge?: number): Promise<ReadonlyMap<string, UserProfile>>;
  /** The same for groups, by name, of which this user is a member. */
  groups(names: readonly string[], maxAge?: number): Promise<ReadonlyMap<string, GroupProfile>>;
  /** Sets this user's profile: what is absent stays, `''` and `{}` remove. Rejects with a `RequestError`. */
  set(fields: Omit<RequestFor<'set_profile'>, 'type'>): Promise<UserProfile>;
  /** Sets a group's title, topic or picture, as its owner. */
  setGroup(name: string, fields: Omit<RequestFor<'update_group'>, 'type' | 'group_id'>): Promise<void>;
}

/** The profiles that a chat's user can see. @param now milliseconds of a clock that is never set */
export function profilesOf(chat: Pick<Chat, 'request'>, now = () => performance.now()): Profiles {
  const users = new Lookup(async (usernames, at) => {
    const { profiles, next } = await chat.request({ type: 'get_profiles', usernames, ...at });
    return { found: profiles.map((each) => [each.username, each]), next };
  }, now);
  const groups = new Lookup(async (group_ids, at) => {
    const { groups: found, next } = await chat.request({ type: 'get_groups', group_ids, ...at });
    return { found: found.map((each) => [each.group_id, each]), next };
  }, now);
  return {
    users: (usernames, maxAge) => users.get(usernames, maxAge),
    groups: (names, maxAge) => groups.get(names, maxAge),
    async set(fields) {
      const profile = await chat.request({ type: 'set_profile', ...fields });
      users.put(profile.username, profile);
      return profile;
    },
    async setGroup(name, fields) {
      const {
        group_id,
        invite_only: _,
        ...set
      } = await chat.request({
        type: 'update_group',
        group_id: name,
        ...fields,
      });
      // Reads may lag behind the change for a moment.
      const before = await groups.get([group_id]);
      groups.put(group_id, { ...before.get(group_id), ...set, group_id });
    },
  };
}

interface Page<T> {
  found: [string, T][];
  next?: { after: string } | undefined;
}

interface Entry<T> {
  value: Promise<T | undefined>;
  /** When it was asked for. */
  at: number;
}

class Lookup<T> {
  readonly #load: (ids: string[], at: object) => Promise<Page<T>>;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry<T>>();
  /** What is asked for in this tick. */
  #next: { ids: string[]; found: Promise<Map<string, T>> } | undefined;

  constructor(load: (ids: string[], at: object) => Promise<Page<T>>, now: () => number) {
    this.#load = load;
    this.#now = now;
  }

  async get(ids: readonly string[], maxAge = PROFILE_AGE): Promise<ReadonlyMap<string, T>> {
    const unique = [...new Set(ids)];
    const values = unique.map((id) => this.#entry(id, Math.min(maxAge, PROFILE_AGE)).value);
    const found = await Promise.all(values);
    return new Map(
      unique.flatMap((id, index) => {
        const value = found[index];
        return value === undefined ? [] : [[id, value] as const];
      }),
    );
  }

  put(id: string, value: T): void {
    this.#keep(id, { value: Promise.resolve(value), at: this.#now() });
  }

  #entry(id: string, maxAge: number): Entry<T> {
    const known = this.#entries.get(id);
    if (known && this.#now() - known.at < maxAge) return known;
    const entry = { value: this.#ask(id), at: this.#now() };
    this.#keep(id, entry);
    // What failed is asked for again, by whoever wants it next.
    entry.value.catch(() => this.#entries.get(id) === entry && this.#entries.delete(id));
    return entry;
  }

  /** The last to be asked for is the last to be dropped. */
  #keep(id: string, entry: Entry<T>): void {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    const [oldest = ''] = this.#entries.keys();
    if (this.#entries.size > KEPT) this.#entries.delete(oldest);
  }

  async #ask(id: string): Promise<T | undefined> {
    if (this.#next === undefined || this.#next.ids.length === BATCH) this.#next = this.#begin();
    this.#next.ids.push(id);
    return (await this.#next.found).get(id);
  }

  #begin() {
    const ids: string[] = [];
    const load = async () => {
      // Until everybody who asks now has asked.
      await Promise.resolve();
      if (this.#next?.ids === ids) this.#next = undefined;
      const all = new Map<string, T>();
      let after: string | undefined;
      do {
        const { found, next }: Page<T> = await this.#load(ids, after ? { after } : {});
        for (const [key, value] of found) all.set(key, value);
        // One that begins where the last did would go on for ever.
        after = next?.after === after ? undefined : next?.after;
      } while (after);
      return all;
    };
    return { ids, found: load() };
  }
}
