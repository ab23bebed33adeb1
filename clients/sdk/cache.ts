import { changedBy, targetOf } from './changes.ts';
import { isEntry } from './entries.ts';
import { type KeyValueStore, readJson } from './store.ts';
import type { Message } from './types.ts';

// Entries kept per chat.
const KEPT = 200;

const keyOf = (chatId: string, seq: number) => `m/${chatId}/${seq}`;

/** Caches the newest messages of each chat, with edits applied, so that an app can show them offline. */
export function cacheOf(store: KeyValueStore) {
  const get = (chatId: string, seq: number): Message | undefined => {
    const entry = readJson(store, keyOf(chatId, seq));
    return isEntry(entry) ? entry : undefined;
  };
  const set = (message: Message) => store.set(keyOf(message.chat_id, message.seq), JSON.stringify(message));
  return {
    /** @param entry must be delivered in the order of its chat */
    put(entry: Message): void {
      const { chat_id, seq } = entry;
      const target = targetOf(entry);
      const changed = target && get(chat_id, target);
      if (changed) set(changedBy(changed, entry));
      // Without its text: that is in the target, where a later edit or deletion replaces it.
      set(target ? { ...entry, content: '' } : entry);
      store.set(keyOf(chat_id, seq - KEPT), undefined);
    },

    /** Returns cached messages right before a seq, oldest first, up to the first hole. */
    before(chatId: string, seq: number, limit: number): { messages: Message[]; isWhole: boolean } {
      const messages: Message[] = [];
      let at = seq - 1;
      for (; at > 0 && messages.length < limit; at--) {
        const entry = get(chatId, at);
        if (!entry) break;
        if (!targetOf(entry)) messages.push(entry);
      }
      return { messages: messages.reverse(), isWhole: at === 0 || messages.length === limit };
    },

    forget(chatId: string): void {
      const prefix = `m/${chatId}/`;
      // Another chat's id may begin with this one's and a slash.
      const isOwn = (key: string) => /^\d+$/.test(key.slice(prefix.length));
      for (const key of store.keys(prefix).filter(isOwn)) store.set(key, undefined);
    },
  };
}
