import { browserStore } from '../../sdk/chat.ts';
import { partOfUser } from '../../sdk/store.ts';

// In the user's part, which a logout clears (clients/sdk/client.ts).
const keyOf = (username: string, chatId: string) => `${partOfUser(username)}d/${chatId}`;

/** What the user has typed in a chat and not sent yet, from before a reload too. */
export const draftOf = (username: string, chatId: string): string =>
  browserStore().get(keyOf(username, chatId)) ?? '';

/** @param text empty if nothing is left to keep */
export const keepDraft = (username: string, chatId: string, text: string): void =>
  browserStore().set(keyOf(username, chatId), text === '' ? undefined : text);
