import { changedBy, targetOf } from './changes.ts';
import { clear, type Store, saved } from './store.ts';
import type { Message } from './types.ts';

// Entries of each chat.
const KEPT = 200;

const keyOf = (chatId: string, seq: number) => `m/${chatId}/${seq}`;

/** The newest messages of each chat, as they stand, to be shown at once and without a connection. */
export class Cache {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param entry the next of its chat */
  put(entry: Message): void {
    const { chat_id, seq } = entry;
    const target = targetOf(entry);
    const changed = target && this.#get(chat_id, target);
    if (changed) this.#set(changedBy(changed, entry));
    // What was changed may be changed again or deleted; the change itself has nothing to show.
    this.#set(target ? { ...entry, content: '' } : entry);
    this.#store.set(keyOf(chat_id, seq - KEPT), undefined);
  }

  /** The messages right before a seq, oldest first, as far as they are here without a hole. */
  before(chatId: string, seq: number, limit: number): { messages: Message[]; isWhole: boolean } {
    const messages: Message[] = [];
    let at = seq - 1;
    for (; at > 0 && messages.length < limit; at--) {
      const entry = this.#get(chatId, at);
      if (!entry) break;
      if (!targetOf(entry)) messages.push(entry);
    }
    return { messages: messages.reverse(), isWhole: at === 0 || messages.length === limit };
  }

  forget(chatId: string): void {
    clear(this.#store, `m/${chatId}/`);
  }

  #get(chatId: string, seq: number): Message | undefined {
    return saved(this.#store, keyOf(chatId, seq));
  }

  #set(message: Message): void {
    this.#store.set(keyOf(message.chat_id, message.seq), JSON.stringify(message));
  }
}
