import type { ChatSummary, Store } from '../../sdk/chat.ts';
import { chatsIn } from '../../sdk/entries.ts';
import { partOfUser, readJson } from '../../sdk/store.ts';
import type { View } from '../../view/view.ts';

// In the user's part, which a logout clears (clients/sdk/client.ts).
const keyOf = (username: string) => `${partOfUser(username)}l`;

const keyOfRead = (username: string, chatId = '') => `${keyOf(username)}r/${chatId}`;

/** The list of chats as it was last seen here, with what was read since, to be shown until there is a connection. */
export const lastChats = (store: Store, username: string): ChatSummary[] =>
  chatsIn(readJson(store, keyOf(username))).map((chat) => {
    const read = Number(store.get(keyOfRead(username, chat.chat_id)) ?? 0);
    if (read <= chat.read) return chat;
    return { ...chat, read, unread: Math.min(chat.unread, Math.max(0, chat.last_seq - read)) };
  });

/** Keeps how far a chat was read, until the list says so: else a reload would take for new what was seen just before it. */
export const keepRead = (store: Store, username: string, chatId: string, seq: number): void =>
  store.set(keyOfRead(username, chatId), `${seq}`);

/** @param chats empty if nothing is to be kept */
export function keepChats(store: Store, username: string, chats: readonly ChatSummary[]): void {
  store.set(keyOf(username), chats.length === 0 ? undefined : JSON.stringify(chats));
  const isKept = new Map(chats.map(({ chat_id, read }) => [keyOfRead(username, chat_id), read]));
  for (const key of store.keys(keyOfRead(username)))
    if (Number(store.get(key)) <= (isKept.get(key) ?? Number.POSITIVE_INFINITY)) store.set(key, undefined);
}

const keyOfNames = (username: string) => `${keyOf(username)}n`;

/** How those whom the list shows want to be called, as it was last known here. */
export const lastNames = (store: Store, username: string): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(readJson<object>(store, keyOfNames(username)) ?? {}).filter(
      (each): each is [string, string] => typeof each[1] === 'string',
    ),
  );

/** Keeps the names of the user and of those whom the list shows; empty for who has none. */
export function keepNames(store: Store, { me, rows, given }: Pick<View, 'me' | 'rows' | 'given'>): void {
  const chats = [...rows.values()].map(({ kind, name }) => `${kind === 'group' ? '#' : '@'}${name}`);
  const names = [`@${me}`, ...chats].flatMap((key) => {
    const name = given.get(key);
    return name === undefined ? [] : [[key, name] as const];
  });
  store.set(keyOfNames(me), names.length === 0 ? undefined : JSON.stringify(Object.fromEntries(names)));
}

const keyOfOpen = (username: string) => `${partOfUser(username)}at`;

/** The chat that was opened here last; empty for none. */
export const lastOpen = (store: Store, username: string): string => store.get(keyOfOpen(username)) ?? '';

export const keepOpen = (store: Store, username: string, chatId: string): void =>
  store.set(keyOfOpen(username), chatId);
