import { Log } from './log.ts';
import { isGroup } from './names.ts';
import type { Store } from './store.ts';
import type { Gap, Message } from './types.ts';

interface LogsOptions {
  /** The next entry of its chat: each once, and in order. */
  message(message: Message): void;
  /** Entries that are kept no more: the next one is behind them. */
  gap(gap: Gap): void;
  /** Something of this chat is missing. */
  behind(log: Log): void;
}

/** The logs of all chats, as far as this client has told them; the store keeps how far that is. */
export class Logs {
  /** Nothing is told as long as nobody knows where to begin. */
  isHeld = false;
  readonly #options: LogsOptions;
  readonly #logs = new Map<string, Log>();
  #store: Store | undefined;

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  /** Goes on where an earlier client of this user was. */
  load(store: Store): void {
    this.#store = store;
    for (const key of store.keys('c/')) this.get(key.slice(2)).begin(Number(store.get(key)));
  }

  get size(): number {
    return this.#logs.size;
  }

  get all(): Log[] {
    return [...this.#logs.values()];
  }

  get cursors(): Record<string, number> {
    const known = this.all.filter(({ cursor }) => cursor !== undefined);
    return Object.fromEntries(known.map(({ id, cursor }) => [id, cursor as number]));
  }

  has(log: Log): boolean {
    return this.#logs.get(log.id) === log;
  }

  find(chatId: string): Log | undefined {
    return this.#logs.get(chatId);
  }

  get(chatId: string): Log {
    const log = this.#logs.get(chatId) ?? new Log(chatId);
    this.#logs.set(chatId, log);
    return log;
  }

  /** @param isFirstMine whether an unknown chat begins with this: pages do where the user's part does, pushes anywhere */
  push(message: Message, isFirstMine = false): void {
    const log = this.get(message.chat_id);
    if (!this.isHeld) {
      if (isFirstMine) log.cursor ??= message.seq - 1;
      else if (!isGroup(log.id)) log.cursor ??= 0;
    }
    log.hold(message);
    this.advance(log);
  }

  /** The server has nothing of a chat before a seq: whoever waits for it would wait for ever. */
  skipTo(chatId: string, seq: number): void {
    const log = this.get(chatId);
    const { cursor } = log;
    if (cursor !== undefined && cursor >= seq - 1) return;
    log.begin(seq - 1);
    if (cursor !== undefined) this.#options.gap({ chat_id: chatId, from: cursor + 1, to: seq - 1 });
    this.keep(log);
    this.advance(log);
  }

  advance(log: Log): void {
    if (this.isHeld) return;
    for (let message = log.next(); message; message = log.next()) {
      // Told first: a client that dies in between tells it again, and not never.
      this.#options.message(message);
      this.keep(log);
    }
    if (log.isBehind) this.#options.behind(log);
  }

  keep(log: Log): void {
    if (log.cursor !== undefined && this.has(log)) this.#store?.set(`c/${log.id}`, `${log.cursor}`);
  }

  forget(chatId: string): void {
    this.#logs.delete(chatId);
    this.#store?.set(`c/${chatId}`, undefined);
  }
}
