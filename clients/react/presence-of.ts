import type { RequestError } from '../sdk/chat.ts';
import { PRESENCE_AGE } from '../view/people.ts';
import { isAlike } from './kept.ts';
import type { Model } from './model.ts';
import type { Presence } from './types.ts';

// The service's limit for one request.
const BATCH = 100;

export const UNKNOWN: Presence = { isOnline: false, lastSeen: undefined, isLoading: true, error: undefined };

/** Who is online of those who are shown: asked for all together, again and again, as changes are not pushed. */
export class PresenceOf {
  readonly #model: Model;
  readonly #watchers = new Map<string, number>();
  readonly #known = new Map<string, Presence>();
  #asking: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Somebody shows whether this user is there. @returns not any more */
  watch(username: string): () => void {
    this.#watchers.set(username, (this.#watchers.get(username) ?? 0) + 1);
    // With all others who are shown at the same time.
    if (!this.#known.has(username)) this.#askIn(0);
    return () => {
      const left = (this.#watchers.get(username) ?? 1) - 1;
      if (left > 0) return void this.#watchers.set(username, left);
      this.#watchers.delete(username);
      this.#known.delete(username);
      if (this.#watchers.size === 0) clearTimeout(this.#asking);
    };
  }

  of(username: string): Presence {
    return this.#known.get(username) ?? UNKNOWN;
  }

  online(): void {
    if (this.#watchers.size > 0) this.#askIn(0);
  }

  /** Who is online is known to those who are. */
  offline(): void {
    this.#known.clear();
  }

  #askIn(ms: number): void {
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => void this.#ask(), ms);
  }

  async #ask(): Promise<void> {
    const usernames = [...this.#watchers.keys()];
    // `online` asks with the next connection.
    if (this.#model.isOver || !this.#model.isOnline) return;
    await Promise.all(
      Array.from({ length: Math.ceil(usernames.length / BATCH) }, (_, index) =>
        this.#askFor(usernames.slice(index * BATCH, (index + 1) * BATCH)),
      ),
    );
    if (this.#watchers.size > 0 && !this.#model.isOver) this.#askIn(PRESENCE_AGE);
    this.#model.changed();
  }

  async #askFor(usernames: string[]): Promise<void> {
    try {
      const { users } = await this.#model.chat.request({ type: 'presence', usernames });
      for (const { username, online, last_seen } of users)
        this.#put(username, { isOnline: online, lastSeen: last_seen, isLoading: false, error: undefined });
    } catch (error) {
      for (const each of usernames)
        this.#put(each, { ...this.of(each), isLoading: false, error: error as RequestError });
    }
  }

  #put(username: string, presence: Presence): void {
    if (!this.#watchers.has(username) || isAlike(this.#known.get(username), presence)) return;
    this.#known.set(username, presence);
  }
}
