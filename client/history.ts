import type { Cache } from './cache.ts';
import { chatIdOf } from './names.ts';
import type { Ask } from './session.ts';
import type { ChatRef, Message } from './types.ts';

interface HistoryOptions {
  ask: Ask;
  cache: Cache;
  username(): string;
  /** The last seq of a chat that was told. */
  cursor(chatId: string): number | undefined;
  isWaiting(): boolean;
}

const PAGE = 50;

/** Pages of a chat up to what has been told: from the cache as far as it has them, else from the server. */
export class History {
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** @throws RequestError `not_a_member`, `unknown_recipient`, … */
  async page(chat: ChatRef, { before, limit = PAGE }: { before?: number; limit?: number } = {}) {
    const { cache, username, cursor, isWaiting, ask } = this.#options;
    const end = before ?? behind(username() && cursor(chatIdOf(username(), chat)));
    if (end !== undefined) {
      const { messages, isWhole } = cache.before(chatIdOf(username(), chat), end, limit);
      if (isWhole || (messages.length > 0 && isWaiting())) return messages;
    }
    const whose = 'group' in chat ? { group_id: chat.group } : { recipient: chat.user };
    const reply = await ask({ type: 'fetch_history', ...whose, before_seq: end, limit });
    // What has not been told yet will be.
    return (reply.messages as Message[]).filter(({ chat_id, seq }) => seq <= (cursor(chat_id) ?? seq));
  }
}

const behind = (cursor: number | string | undefined): number | undefined =>
  typeof cursor === 'number' ? cursor + 1 : undefined;
