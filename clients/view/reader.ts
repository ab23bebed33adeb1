import type { Chat } from '../sdk/chat.ts';
import { reduce } from './reducer.ts';
import { openRow, type Row, type View } from './view.ts';

/** The service tells others no more often (typing.ts). */
const TYPING_EVERY_MS = 3_000;

/** Tells the service what its user does: reads, and types. What it says is no matter if it gets lost. */
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

  /** Somebody looks at the open chat: what came there has been read, and the service is told. */
  looks<V extends View>(view: V): V {
    const open = openRow(view);
    if (!open || open.unread === 0 || view.state !== 'online') return view;
    this.#reads(open);
    return reduce(view, { what: 'looked' });
  }

  /** One request at a time for each chat, the last one with where it was read to by then. */
  #reads({ id, lastSeq }: Row): void {
    const isAsking = this.#asked.has(id);
    this.#asked.set(id, lastSeq);
    if (!isAsking) void this.#ask(id, lastSeq);
  }

  /** At once, then at most every three seconds. A chat that has no message yet cannot be named. */
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
