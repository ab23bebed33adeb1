import type { Chat, Message } from '../sdk/chat.ts';
import { PROFILE_AGE, type Profiles, profilesOf } from '../sdk/profiles.ts';
import { indexAfter } from './log.ts';
import type { Action } from './reducer.ts';
import type { View } from './view.ts';

// After what failed, like a lost connection.
const AGAIN = 10_000;

/** Asks how those who are shown want to be called, and for their pictures, and tells the view. */
export class Names {
  readonly profiles: Profiles;
  readonly #chat: Pick<Chat, 'state'>;
  readonly #happen: (action: Action) => void;
  /** Key → when to ask again. */
  readonly #asked = new Map<string, number>();
  readonly #senders = new Senders();

  /** @param now milliseconds of a clock that is never set */
  constructor(chat: Chat, happen: (action: Action) => void, now: () => number) {
    this.#chat = chat;
    this.#happen = happen;
    this.profiles = profilesOf(chat, now);
  }

  /** Called after each change of the view. @param others users who are shown beside it */
  look(view: View, others: readonly string[] = []): void {
    if (this.#chat.state !== 'online') return;
    const senders = this.#senders.of(view.openId, view.logs.get(view.openId)?.messages ?? []);
    const due = [...shownIn(view, [...others, ...senders])].filter(
      (key) => (this.#asked.get(key) ?? 0) <= view.now,
    );
    if (due.length === 0) return;
    for (const key of due) this.#asked.set(key, view.now + PROFILE_AGE);
    void this.#ask(due).catch(() => {
      for (const key of due) this.#asked.set(key, view.now + AGAIN);
    });
  }

  /** Somebody has changed a name or picture here: what it is now is cached. */
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
    const pictures = new Map([
      ...usernames.map((each) => [`@${each}`, users.get(each)?.avatar_url] as const),
      ...groups.map((each) => [`#${each}`, titles.get(each)?.avatar_url] as const),
    ]);
    this.#happen({ what: 'names', names });
    this.#happen({ what: 'pictures', pictures });
  }
}

/** All whose names are on the screen: chats, who types, the user and others. */
function shownIn(view: View, others: readonly string[]): Set<string> {
  const keys = new Set<string>();
  if (view.me) keys.add(`@${view.me}`);
  for (const { kind, name } of view.rows.values()) keys.add(`${kind === 'group' ? '#' : '@'}${name}`);
  for (const username of [...others, ...view.typing.map((each) => each.username)]) keys.add(`@${username}`);
  return keys;
}

/** Who wrote in the open chat. Each message is looked at once, however often its thousands are shown. */
class Senders {
  #chatId = '';
  #first = 0;
  #last = 0;
  readonly #names = new Set<string>();

  /** @param messages ordered by `seq`, and with new ones at either end only */
  of(chatId: string, messages: readonly Message[]): ReadonlySet<string> {
    const [first, last] = [messages[0]?.seq ?? 0, messages.at(-1)?.seq ?? 0];
    let fresh = messages;
    if (chatId === this.#chatId && this.#names.size > 0) {
      const before = messages.slice(0, indexAfter(messages, this.#first - 1));
      fresh = [...before, ...messages.slice(indexAfter(messages, this.#last))];
    } else this.#names.clear();
    for (const { sender, system } of fresh) if (!system) this.#names.add(sender);
    this.#chatId = chatId;
    this.#first = first;
    this.#last = last;
    return this.#names;
  }
}
