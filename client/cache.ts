import type { Store } from './store.ts';
import type { Message } from './types.ts';

// Of each chat.
const KEPT = 200;

const keyOf = (chatId: string, seq: number) => `m/${chatId}/${seq}`;

/** The newest messages of each chat, so that they can be shown at once, and without a connection. */
export class Cache {
  #store: Store | undefined;

  load(store: Store): void {
    this.#store = store;
  }

  put(message: Message): void {
    const { chat_id, seq } = message;
    this.#store?.set(keyOf(chat_id, seq), JSON.stringify(message));
    this.#store?.set(keyOf(chat_id, seq - KEPT), undefined);
  }

  /** Those right before a seq, oldest first, as far as they are here without a hole. */
  before(chatId: string, seq: number, limit: number): Message[] {
    const found: Message[] = [];
    for (let at = seq - 1; at > 0 && found.length < limit; at--) {
      const text = this.#store?.get(keyOf(chatId, at));
      if (text === undefined) break;
      found.push(JSON.parse(text));
    }
    return found.reverse();
  }

  forget(chatId: string): void {
    for (const key of this.#store?.keys(`m/${chatId}/`) ?? []) this.#store?.set(key, undefined);
  }
}
