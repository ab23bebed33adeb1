import { Log } from './log.ts';
import { isGroup } from './names.ts';
import type { Store } from './store.ts';
import type { Gap, Message } from './types.ts';

interface LogsOptions {
  store: Store;
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

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  /** Goes on where an earlier client of this user was. */
  load(): void {
    const { store } = this.#options;
    for (const key of store.keys('c/')) this.get(key.slice(2)).begin(Number(store.get(key)));
  }

  get all(): Log[] {
    return [...this.#logs.values()];
  }

  get cursors(): Record<string, number> {
    const cursors: Record<string, number> = {};
    for (const { id, cursor } of this.all) if (cursor !== undefined) cursors[id] = cursor;
    return cursors;
  }

  has(log: Log): boolean {
    return this.#logs.get(log.id) === log;
  }

  /** The last seq of a chat that was told. */
  cursor(chatId: string): number | undefined {
    return this.#logs.get(chatId)?.cursor;
  }

  get(chatId: string): Log {
    const log = this.#logs.get(chatId) ?? new Log(chatId);
    this.#logs.set(chatId, log);
    return log;
  }

  /** @param isFirstMine whether an unknown chat begins with this: pages do where the user's part does, pushes anywhere */
  push(message: Message, isFirstMine = false): void {
    const log = this.get(message.chat_id);
    const isBeginning = isFirstMine || !isGroup(log.id);
    if (isBeginning && !this.isHeld) log.cursor ??= isFirstMine ? message.seq - 1 : 0;
    log.hold(message);
    this.#advance(log);
  }

  /** The server has nothing of a chat before a seq: whoever waits for it would wait for ever. */
  skipTo(chatId: string, seq: number): void {
    const log = this.get(chatId);
    const { cursor } = log;
    if (cursor !== undefined && cursor >= seq - 1) return;
    log.begin(seq - 1);
    if (cursor !== undefined) this.#options.gap({ chat_id: chatId, from: cursor + 1, to: seq - 1 });
    this.goOn(log);
  }

  /** The chat is known to reach so far. */
  expect(chatId: string, seq: number): void {
    const log = this.get(chatId);
    log.expect(seq);
    this.#advance(log);
  }

  /** If nobody knows yet where this client's part begins, it is behind this seq. */
  begin(log: Log, seq: number): void {
    if (log.cursor === undefined) log.begin(seq);
    this.goOn(log);
  }

  /** From the cursor, which may be new. */
  goOn(log: Log): void {
    this.#keep(log);
    this.#advance(log);
  }

  #advance(log: Log): void {
    if (this.isHeld) return;
    for (let message = log.next(); message; message = log.next()) {
      // Told first: a client that dies in between tells it again, and not never.
      this.#options.message(message);
      this.#keep(log);
    }
    if (log.isBehind) this.#options.behind(log);
  }

  #keep(log: Log): void {
    if (log.cursor !== undefined && this.has(log)) this.#options.store.set(`c/${log.id}`, `${log.cursor}`);
  }

  forget(chatId: string): void {
    this.#logs.delete(chatId);
    this.#options.store.set(`c/${chatId}`, undefined);
  }
}
