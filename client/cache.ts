import type { Store } from './store.ts';
import type { Message } from './types.ts';

// Entries of each chat.
const KEPT = 200;

const keyOf = (chatId: string, seq: number) => `m/${chatId}/${seq}`;

/** An entry that changes the message at a seq before it. */
const targetOf = ({ edits, deletes }: Message): number | undefined => edits ?? deletes;

/** The newest messages of each chat, as they stand, to be shown at once and without a connection. */
export class Cache {
  #store: Store | undefined;

  load(store: Store): void {
    this.#store = store;
  }

  /** @param entry the next of its chat */
  put(entry: Message): void {
    const { chat_id, seq } = entry;
    const target = targetOf(entry);
    const changed = target === undefined ? undefined : this.#get(chat_id, target);
    if (changed) this.#set(changedBy(changed, entry));
    // What was changed may be changed again or deleted; the change itself has nothing to show.
    this.#set(target === undefined ? entry : { ...entry, content: '' });
    this.#store?.set(keyOf(chat_id, seq - KEPT), undefined);
  }

  /** The messages right before a seq, oldest first, as far as they are here without a hole. */
  before(chatId: string, seq: number, limit: number): { messages: Message[]; isWhole: boolean } {
    const messages: Message[] = [];
    let at = seq - 1;
    for (; at > 0 && messages.length < limit; at--) {
      const entry = this.#get(chatId, at);
      if (!entry) break;
      if (targetOf(entry) === undefined) messages.push(entry);
    }
    return { messages: messages.reverse(), isWhole: at === 0 || messages.length === limit };
  }

  forget(chatId: string): void {
    for (const key of this.#store?.keys(`m/${chatId}/`) ?? []) this.#store?.set(key, undefined);
  }

  #get(chatId: string, seq: number): Message | undefined {
    const text = this.#store?.get(keyOf(chatId, seq));
    return text === undefined ? undefined : JSON.parse(text);
  }

  #set(message: Message): void {
    this.#store?.set(keyOf(message.chat_id, message.seq), JSON.stringify(message));
  }
}

/** A deletion is final, in whatever order changes come. */
function changedBy(message: Message, { edits, content, timestamp }: Message): Message {
  if (message.deleted !== undefined) return message;
  return edits === undefined
    ? { ...message, content: '', deleted: timestamp }
    : { ...message, content, edited: timestamp };
}
