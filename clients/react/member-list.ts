import type { RequestError } from '../sdk/chat.ts';
import { People, type Person, PRESENCE_AGE } from '../view/people.ts';
import { kept } from './kept.ts';
import type { Model } from './model.ts';
import type { Members } from './types.ts';

/** The members of one group, as its hooks show them. */
export class MemberList {
  readonly initial: Members;
  readonly #model: Model;
  readonly #name: string;
  #people: People | undefined;
  #watchers = 0;
  #isLoaded = false;
  #error: RequestError | undefined;
  #loading: Promise<void> | undefined;
  #more: Promise<void> | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(model: Model, name: string) {
    this.#model = model;
    this.#name = name;
    this.initial = this.#snapshot([], undefined, undefined, false, false, false, undefined);
  }

  /** Somebody shows them. @returns not any more */
  watch(): () => void {
    this.#watchers++;
    if (!this.#loading) void this.#load();
    return () => {
      if (--this.#watchers === 0) clearTimeout(this.#again);
    };
  }

  online(): void {
    if (this.#watchers > 0) void this.#load();
  }

  /** Nobody is told of a new member, who shows by writing. */
  wrote(sender: string): void {
    if (this.#watchers > 0 && this.#isLoaded && !this.#known.knows(sender)) void this.#load();
  }

  get #known(): People {
    if (this.#people) return this.#people;
    const { chat, names } = this.#model;
    this.#people = new People(
      chat,
      names.profiles,
      () => this.#model.changed(),
      () => this.#model.now,
    );
    this.#people.follow({ id: `#${this.#name}`, kind: 'group', name: this.#name });
    return this.#people;
  }

  #load(): Promise<void> {
    clearTimeout(this.#again);
    this.#loading ??= this.#read(() => this.#known.read()).finally(() => {
      this.#loading = undefined;
      this.#model.changed();
      // Presence is not pushed.
      clearTimeout(this.#again);
      if (this.#watchers > 0 && !this.#model.isOver)
        this.#again = setTimeout(() => this.#model.isOnline && void this.#load(), PRESENCE_AGE);
    });
    return this.#loading;
  }

  async #read(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      this.#isLoaded = true;
      this.#error = undefined;
    } catch (error) {
      this.#error = error as RequestError;
    }
  }

  #loadMore = (): Promise<void> => {
    if (!this.#isLoaded) return this.#load();
    this.#more ??= this.#read(() => this.#known.more()).finally(() => {
      this.#more = undefined;
      this.#model.changed();
    });
    this.#model.changed();
    return this.#more;
  };

  #invite = (username: string) => this.#known.invite(this.#model.userIdOf(username));
  #remove = (username: string) => this.#known.remove(username);

  readonly #snapshot = kept(
    (
      members: readonly Person[],
      count: number | undefined,
      owner: string | undefined,
      hasMore: boolean,
      isLoadingMore: boolean,
      isLoaded: boolean,
      error: RequestError | undefined,
    ): Members => ({
      ...{ members, count, owner, hasMore, isLoadingMore, error },
      isLoading: !isLoaded && error === undefined,
      ...{ loadMore: this.#loadMore, invite: this.#invite, remove: this.#remove },
    }),
  );

  get snapshot(): Members {
    const { list = this.initial.members, count, owner, hasMore = false } = this.#people ?? {};
    const isLoadingMore = this.#more !== undefined;
    return this.#snapshot(list, count, owner, hasMore, isLoadingMore, this.#isLoaded, this.#error);
  }
}
