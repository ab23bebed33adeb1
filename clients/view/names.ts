import type { Chat, Message } from '../sdk/chat.ts';
import { PROFILE_AGE, type Profiles, profilesOf } from '../sdk/profiles.ts';
import { indexAfter } from './log.ts';
import type { Action } from './reducer.ts';
import type { Row, View } from './view.ts';

// Milliseconds after which what failed, like by a lost connection, is asked for again.
const AGAIN = 10_000;
/** Milliseconds for which a name holds where somebody looks closely: in a chat that they open, in a list of members. */
export const CLOSE_AGE = 30_000;

/** Asks how those who are shown want to be called, and for their pictures, and tells the view. */
export class Names {
  readonly profiles: Profiles;
  readonly #chat: Pick<Chat, 'state'>;
  readonly #happen: (action: Action) => void;
  readonly #now: () => number;
  /** Key → when it was asked for. */
  readonly #asked = new Map<string, number>();
  readonly #senders = new Senders();
  #openId = '';
  /** What the open chat shows, and was looked at closely since it was opened. */
  readonly #checked = new Set<string>();

  /** @param now milliseconds of a clock that is never set */
  constructor(chat: Chat, happen: (action: Action) => void, now: () => number) {
    this.#chat = chat;
    this.#happen = happen;
    this.#now = now;
    this.profiles = profilesOf(chat, now);
  }

  /** Called after each change of the view. @param others users who are shown beside it */
  look(view: View, others: readonly string[] = []): void {
    if (this.#chat.state !== 'online') return;
    const { openId } = view;
    if (openId !== this.#openId) this.#checked.clear();
    this.#openId = openId;
    const senders = this.#senders.of(openId, view.logs.get(openId)?.messages ?? []);
    const row = view.rows.get(openId);
    const opened = [...(row ? [keyOf(row)] : []), ...[...senders].map((each) => `@${each}`)];
    const closely = opened.filter((key) => !this.#checked.has(key));
    for (const key of closely) this.#checked.add(key);
    const shown = [...shownIn(view, [...others, ...senders])];
    this.#renew([...this.#older(shown, PROFILE_AGE), ...this.#older(closely, CLOSE_AGE)]);
  }

  /** Somebody looks closely at these users, like in a list of members. */
  check(usernames: readonly string[]): void {
    if (this.#chat.state !== 'online') return;
    this.#renew(
      this.#older(
        usernames.map((each) => `@${each}`),
        CLOSE_AGE,
      ),
    );
  }

  #older(keys: readonly string[], age: number): string[] {
    const now = this.#now();
    return keys.filter((key) => now - (this.#asked.get(key) ?? Number.NEGATIVE_INFINITY) >= age);
  }

  #renew(keys: readonly string[]): void {
    const due = [...new Set(keys)];
    if (due.length === 0) return;
    const now = this.#now();
    for (const key of due) this.#asked.set(key, now);
    void this.#ask(due, CLOSE_AGE).catch(() => {
      for (const key of due) this.#asked.set(key, this.#now() - PROFILE_AGE + AGAIN);
    });
  }

  /** Somebody has changed a name or picture here: what it is now is cached. */
  async changed(key: string): Promise<void> {
    await this.#ask([key]);
  }

  /** @param maxAge milliseconds since what is cached was asked for */
  async #ask(keys: readonly string[], maxAge?: number): Promise<void> {
    const of = (sign: string) => keys.flatMap((key) => (key.startsWith(sign) ? [key.slice(1)] : []));
    const [usernames, groups] = [of('@'), of('#')];
    const [users, titles] = await Promise.all([
      this.profiles.users(usernames, maxAge),
      this.profiles.groups(groups, maxAge),
    ]);
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

const keyOf = ({ kind, name }: Pick<Row, 'kind' | 'name'>): string =>
  `${kind === 'group' ? '#' : '@'}${name}`;

/** All whose names are on the screen: chats, who types, the user and others. */
function shownIn(view: View, others: readonly string[]): Set<string> {
  const keys = new Set<string>();
  if (view.me) keys.add(`@${view.me}`);
  for (const row of view.rows.values()) keys.add(keyOf(row));
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
