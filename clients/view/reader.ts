import { type Chat, type ChatSummary, isTransient } from '../sdk/chat.ts';
import { isAllRead } from '../sdk/reading.ts';
import { indexAfter } from './log.ts';
import { reduce } from './reducer.ts';
import type { Row, View } from './view.ts';

/** The service forwards typing signals no more often (typing.ts). */
const TYPING_EVERY_MS = 3_000;

/** Sends read marks and typing signals. A lost signal does no harm; a lost mark is sent again (`listed`). */
export class Reader {
  readonly #chat: Chat;
  readonly #now: () => number;
  readonly #asked = new Map<string, number>();
  /** The last mark of a chat that was answered. */
  readonly #answered = new Map<string, number>();
  #typedAt = Number.NEGATIVE_INFINITY;
  #typedIn = '';

  constructor(chat: Chat, now: () => number) {
    this.#chat = chat;
    this.#now = now;
  }

  /**
   * Marks a chat as read up to what the user saw.
   * @param seq of the newest message that was seen; what follows it up to the next message counts as seen, too
   */
  sees<V extends View>(view: V, seq: number, chatId = view.openId): V {
    const row = view.rows.get(chatId);
    const log = row && view.logs.get(chatId);
    if (!log || isAllRead(row)) return view;
    // It was seen in another part of the log: what lies between was not.
    if (seq + 1 < (log.first ?? 0)) return view;
    const next = log.messages[indexAfter(log.messages, seq)];
    const end = next ? next.seq - 1 : (log.last ?? 0);
    if (end <= row.read) return view;
    // Without a connection, `listed` does it later.
    if (view.state === 'online') this.#reads(chatId, end);
    return reduce(view, { what: 'seen', seq: end, chatId });
  }

  /** The service has listed the chats. What was read here and not there, like in a tunnel, is marked now. */
  listed({ rows }: View, chats: readonly Pick<ChatSummary, 'chat_id' | 'read'>[]): void {
    for (const { chat_id: id, read } of chats) {
      const known = rows.get(id)?.read ?? 0;
      // The list may be older than the answer.
      const isNews = known > Math.max(read, this.#answered.get(id) ?? 0);
      if (isNews && !this.#asked.has(id)) this.#reads(id, known);
    }
  }

  /** Sends one request at a time per chat; the last one carries the newest position. */
  #reads(id: string, seq: number): void {
    const isAsking = this.#asked.has(id);
    this.#asked.set(id, seq);
    if (!isAsking) void this.#ask(id, seq);
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
    const isLost = await this.#chat.request({ type: 'mark_read', chat, seq }).then(() => false, isTransient);
    if (!isLost) this.#answered.set(chat, seq);
    const next = this.#asked.get(chat) ?? seq;
    if (next > seq) return this.#ask(chat, next);
    this.#asked.delete(chat);
  }
}
