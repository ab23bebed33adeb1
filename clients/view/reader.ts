import type { Chat } from '../sdk/chat.ts';
import { reduce } from './reducer.ts';
import { openRow, type Row, type View } from './view.ts';

/** The service forwards typing signals no more often (typing.ts). */
const TYPING_EVERY_MS = 3_000;

/** Sends read marks and typing signals. A lost one does no harm. */
export class Reader {
  readonly #chat: Chat;
  readonly #now: () => number;
  readonly #asked = new Map<string, number>();
  #typedAt = Number.NEGATIVE_INFINITY;
  #typedIn = '';

  constructor(chat: Chat, now: () => number) {
    this.#chat = chat;
    this.#now = now;
  }

  /** Marks the open chat as read, when the user looks at it. */
  looks<V extends View>(view: V): V {
    const open = openRow(view);
    if (!open || open.unread === 0 || view.state !== 'online') return view;
    this.#reads(open);
    return reduce(view, { what: 'looked' });
  }

  /** Sends one request at a time per chat; the last one carries the newest position. */
  #reads({ id, lastSeq }: Row): void {
    const isAsking = this.#asked.has(id);
    this.#asked.set(id, lastSeq);
    if (!isAsking) void this.#ask(id, lastSeq);
  }

  /** Sends a typing signal at once, then at most every three seconds. A chat without messages has no id yet. */
  types({ id, kind, lastSeq }: Row): void {
    const isSoon = this.#typedIn === id && this.#now() - this.#typedAt < TYPING_EVERY_MS;
    if (isSoon || this.#chat.state !== 'online' || (kind === 'private' && lastSeq === 0)) return;
    this.#typedAt = this.#now();
    this.#typedIn = id;
    this.#chat.request({ type: 'typing', chat: id }).catch(() => {});
  }

  async #ask(chat: string, seq: number): Promise<void> {
    await this.#chat.request({ type: 'mark_read', chat, seq }).catch(() => {});
    const next = this.#asked.get(chat) ?? seq;
    if (next > seq) return this.#ask(chat, next);
    this.#asked.delete(chat);
  }
}
