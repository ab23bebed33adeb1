import type { ChatSummary, Store } from '../../sdk/chat.ts';
import { partOfUser, readJson } from '../../sdk/store.ts';

// In the user's part, which a logout clears (clients/sdk/client.ts).
const keyOf = (username: string) => `${partOfUser(username)}l`;

/** The list of chats as it was last seen here, to be shown until there is a connection. */
export const lastChats = (store: Store, username: string): ChatSummary[] =>
  readJson(store, keyOf(username)) ?? [];

/** @param chats empty if nothing is to be kept */
export const keepChats = (store: Store, username: string, chats: readonly ChatSummary[]): void =>
  store.set(keyOf(username), chats.length === 0 ? undefined : JSON.stringify(chats));

const keyOfOpen = (username: string) => `${partOfUser(username)}at`;

/** The chat that was opened here last; empty for none. */
export const lastOpen = (store: Store, username: string): string => store.get(keyOfOpen(username)) ?? '';

export const keepOpen = (store: Store, username: string, chatId: string): void =>
  store.set(keyOfOpen(username), chatId);
