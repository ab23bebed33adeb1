import type { Chat } from '../sdk/chat.ts';
import { PROFILE_AGE, type Profiles, profilesOf } from '../sdk/profiles.ts';
import type { Action } from './reducer.ts';
import type { View } from './view.ts';

// After what failed, like a lost connection.
const AGAIN = 10_000;

/** Asks how those who are shown want to be called, and tells the view. */
export class Names {
  readonly profiles: Profiles;
  readonly #chat: Pick<Chat, 'state'>;
  readonly #happen: (action: Action) => void;
  /** Key → when to ask again. */
  readonly #asked = new Map<string, number>();

  /** @param now milliseconds of a clock that is never set */
  constructor(chat: Chat, happen: (action: Action) => void, now: () => number) {
    this.#chat = chat;
    this.#happen = happen;
    this.profiles = profilesOf(chat, now);
  }

  /** Called after each change of the view. @param others users who are shown beside it */
  look(view: View, others: readonly string[] = []): void {
    if (this.#chat.state !== 'online') return;
    const due = [...shownIn(view, others)].filter((key) => (this.#asked.get(key) ?? 0) <= view.now);
    if (due.length === 0) return;
    for (const key of due) this.#asked.set(key, view.now + PROFILE_AGE);
    void this.#ask(due).catch(() => {
      for (const key of due) this.#asked.set(key, view.now + AGAIN);
    });
  }

  /** Somebody has changed a name here: what it is now is cached. */
  async changed(key: string): Promise<void> {
    await this.#ask([key]);
  }

  async #ask(keys: readonly string[]): Promise<void> {
    const of = (sign: string) => keys.flatMap((key) => (key.startsWith(sign) ? [key.slice(1)] : []));
    const [usernames, groups] = [of('@'), of('#')];
    const [users, titles] = await Promise.all([this.profiles.users(usernames), this.profiles.groups(groups)]);
    const names = new Map([
      ...usernames.map((each) => [`@${each}`, users.get(each)?.display_name] as const),
      ...groups.map((each) => [`#${each}`, titles.get(each)?.title] as const),
    ]);
    this.#happen({ what: 'names', names });
  }
}

/** All whose names are on the screen: chats, who wrote in the open one, and the user. */
function shownIn(view: View, others: readonly string[]): Set<string> {
  const keys = new Set(others.map((each) => `@${each}`));
  if (view.me) keys.add(`@${view.me}`);
  for (const { kind, name } of view.rows.values()) keys.add(`${kind === 'group' ? '#' : '@'}${name}`);
  for (const { sender } of view.logs.get(view.openId)?.messages ?? []) keys.add(`@${sender}`);
  for (const { username } of view.typing) keys.add(`@${username}`);
  return keys;
}
