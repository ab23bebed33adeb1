import type { RequestError } from '../sdk/chat.ts';
import { type GroupProfile, PROFILE_AGE, type UserProfile } from '../sdk/profiles.ts';
import { nameOf, titleOf } from '../view/view.ts';
import { kept } from './kept.ts';
import type { Model } from './model.ts';
import type { Group, Profile } from './types.ts';

/** What somebody shows of a user (`@ID`) or a group (`#ID`). */
interface Entry {
  watchers: number;
  isAsked: boolean;
  /** When to ask again. */
  due: number;
  value: UserProfile | GroupProfile | undefined;
  isKnown: boolean;
  error: RequestError | undefined;
  profile: (name: string, value: unknown, isLoading: boolean, error: RequestError | undefined) => Profile;
  group: (title: string, value: unknown, isLoading: boolean, error: RequestError | undefined) => Group;
}

/** Profiles of users and groups, of those that are shown. They come from the cache of the names. */
export class Details {
  readonly #model: Model;
  readonly #entries = new Map<string, Entry>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The users who are shown. */
  get usernames(): string[] {
    return [...this.#entries].flatMap(([key, { watchers }]) =>
      watchers > 0 && key.startsWith('@') ? [key.slice(1)] : [],
    );
  }

  /** Somebody shows it. @returns not any more */
  watch(key: string): () => void {
    const entry = this.#entry(key);
    entry.watchers++;
    this.#model.changed();
    return () => {
      entry.watchers--;
    };
  }

  online(): void {
    for (const entry of this.#entries.values()) if (entry.error) entry.due = 0;
  }

  /** It was changed here. */
  changed(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) entry.due = 0;
    this.#model.changed();
  }

  /** Asks for what is shown and not known, or not any more. */
  look(): void {
    if (!this.#model.isOnline) return;
    const { now } = this.#model;
    for (const [key, entry] of this.#entries)
      if (entry.watchers > 0 && !entry.isAsked && entry.due <= now) void this.#ask(key, entry);
  }

  async #ask(key: string, entry: Entry): Promise<void> {
    const { profiles } = this.#model.names;
    const id = key.slice(1);
    entry.isAsked = true;
    entry.due = this.#model.now + PROFILE_AGE;
    try {
      const found = await (key.startsWith('#') ? profiles.groups([id]) : profiles.users([id]));
      entry.value = found.get(id);
      entry.isKnown = true;
      entry.error = undefined;
    } catch (error) {
      entry.error = error as RequestError;
    } finally {
      entry.isAsked = false;
      this.#model.changed();
    }
  }

  profile(username: string): Profile {
    const { profile, value, isKnown, error } = this.#entry(`@${username}`);
    return profile(nameOf(this.#model.view, username), value, !isKnown && !error, error);
  }

  group(name: string): Group {
    const { group, value, isKnown, error } = this.#entry(`#${name}`);
    const title = titleOf(this.#model.view, { kind: 'group', name });
    return group(title, value, !isKnown && !error, error);
  }

  #entry(key: string): Entry {
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry = {
      ...{ watchers: 0, isAsked: false, due: 0, value: undefined, isKnown: false, error: undefined },
      profile: kept((name, value, isLoading, error) => ({
        ...{ name, isLoading, error },
        profile: value as UserProfile | undefined,
      })),
      group: kept((title, value, isLoading, error) => ({
        ...{ title, isLoading, error },
        group: value as GroupProfile | undefined,
      })),
    };
    this.#entries.set(key, entry);
    return entry;
  }
}
