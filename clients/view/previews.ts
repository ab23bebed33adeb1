import { changedBy, targetOf } from '../sdk/changes.ts';
import type { Chat, Message } from '../sdk/chat.ts';
import type { Row } from './view.ts';

/** The last messages of chats that have not been opened yet: from the client's cache, or else from the service. */
export class Previews {
  readonly #chat: Pick<Chat, 'history'>;
  readonly #changed: () => void;
  readonly #last = new Map<string, Message>();
  readonly #asked = new Set<string>();

  constructor(chat: Pick<Chat, 'history' | 'on'>, changed: () => void) {
    this.#chat = chat;
    this.#changed = changed;
    chat.on('message', (entry) => {
      const known = this.#last.get(entry.chat_id);
      if (known && targetOf(entry) === known.seq) this.#last.set(entry.chat_id, changedBy(known, entry));
    });
    chat.on('chat-left', ({ chat_id }) => {
      this.#last.delete(chat_id);
      this.#asked.delete(chat_id);
    });
  }

  of({ id }: Pick<Row, 'id'>): Message | undefined {
    return this.#last.get(id);
  }

  /** Somebody sees this chat in the list, and its last message isn't known. Asks once; what fails may be asked again. */
  async want({ id, kind, name, lastSeq }: Row): Promise<void> {
    if (this.#asked.has(id) || lastSeq === 0) return;
    this.#asked.add(id);
    try {
      const chat = kind === 'group' ? { group: name } : { user: name };
      const last = (await this.#chat.history(chat, { limit: 1 })).at(-1);
      if (last) this.#last.set(id, last);
      this.#changed();
    } catch {
      this.#asked.delete(id);
    }
  }
}
