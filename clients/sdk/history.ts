import type { Cache } from './cache.ts';
import { entriesIn } from './entries.ts';
import { addressOf, chatIdOf } from './names.ts';
import type { Ask } from './session.ts';
import type { ChatRef, Message } from './types.ts';

interface HistoryOptions {
  ask: Ask;
  cache: Cache;
  username(): string;
  /** The last seq of a chat that was delivered to the app. */
  cursor(chatId: string): number | undefined;
  isWaiting(): boolean;
}

const PAGE = 50;

/** Returns pages of a chat up to what was delivered: from the cache as far as it goes, then from the server. */
export const historyOf =
  ({ ask, cache, username, cursor, isWaiting }: HistoryOptions) =>
  /** @throws RequestError `not_a_member`, `unknown_recipient`, … */
  async (
    chat: ChatRef,
    { before, limit = PAGE }: { before?: number; limit?: number } = {},
  ): Promise<Message[]> => {
    // A private chat's id needs both names; while the user is unknown there is no cursor either.
    const chatId = chatIdOf(username(), chat);
    const known = cursor(chatId);
    const end = before ?? (known === undefined ? known : known + 1);
    if (end !== undefined) {
      const { messages, isWhole } = cache.before(chatId, end, limit);
      if (isWhole || (messages.length > 0 && isWaiting())) return messages;
    }
    const reply = await ask({ type: 'fetch_history', ...addressOf(chat), before_seq: end, limit });
    // Leave out what has not been delivered yet: a `message` event will bring it.
    return entriesIn(reply.messages).filter(({ chat_id, seq }) => seq <= (cursor(chat_id) ?? seq));
  };
