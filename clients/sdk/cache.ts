import { changedBy, targetOf } from './changes.ts';
import { isEntry } from './entries.ts';
import { readJson, type Store } from './store.ts';
import type { Message } from './types.ts';

// Entries kept per chat.
const KEPT = 200;

const keyOf = (chatId: string, seq: number) => `m/${chatId}/${seq}`;

/** Caches the newest messages of each chat, with edits applied, so that an app can show them offline. */
export class Cache {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param entry must be delivered in the order of its chat */
  put(entry: Message): void {
    const { chat_id, seq } = entry;
    const target = targetOf(entry);
    const changed = target && this.#get(chat_id, target);
    if (changed) this.#set(changedBy(changed, entry));
    // Without its text: that is in the target, where a later edit or deletion replaces it.
    this.#set(target ? { ...entry, content: '' } : entry);
    this.#store.set(keyOf(chat_id, seq - KEPT), undefined);
  }

  /** Returns cached messages right before a seq, oldest first, up to the first hole. */
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
    const prefix = `m/${chatId}/`;
    // Another chat's id may begin with this one's and a slash.
    const isOwn = (key: string) => /^\d+$/.test(key.slice(prefix.length));
    for (const key of this.#store.keys(prefix).filter(isOwn)) this.#store.set(key, undefined);
  }

  #get(chatId: string, seq: number): Message | undefined {
    const entry = readJson(this.#store, keyOf(chatId, seq));
    return isEntry(entry) ? entry : undefined;
  }

  #set(message: Message): void {
    this.#store.set(keyOf(message.chat_id, message.seq), JSON.stringify(message));
  }
}
