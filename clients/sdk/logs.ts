import { isCount } from './entries.ts';
import { Log } from './log.ts';
import { isGroup } from './names.ts';
import type { Store } from './store.ts';
import type { Gap, Message } from './types.ts';

interface LogsOptions {
  store: Store;
  /** Receives the next entry of a chat: each once, in order. */
  message(message: Message): void;
  /** Receives a range of entries that expired on the server; `message` continues after it. */
  gap(gap: Gap): void;
  /** Entries of this chat are missing. */
  behind(log: Log): void;
}

/** The logs of all chats. The store keeps their cursors. */
export class Logs {
  /** Holds back all entries until the client knows where to start. */
  isOnHold = false;
  readonly #options: LogsOptions;
  readonly #logs = new Map<string, Log>();

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  /** Continues from the cursors in the store. */
  load(): void {
    const { store } = this.#options;
    for (const key of store.keys('c/')) {
      const cursor = Number(store.get(key));
      if (isCount(cursor)) this.get(key.slice(2)).begin(cursor);
    }
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

  /** The last seq of a chat that was delivered to the app. */
  cursor(chatId: string): number | undefined {
    return this.#logs.get(chatId)?.cursor;
  }

  get(chatId: string): Log {
    const log = this.#logs.get(chatId) ?? new Log(chatId);
    this.#logs.set(chatId, log);
    return log;
  }

  /** @param isFirstMine whether an unknown chat starts at this entry: pages start at the user's first entry */
  push(message: Message, isFirstMine = false): void {
    const log = this.get(message.chat_id);
    const isBeginning = isFirstMine || !isGroup(log.id);
    if (isBeginning && !this.isOnHold) log.cursor ??= isFirstMine ? message.seq - 1 : 0;
    log.hold(message);
    this.#advance(log);
  }

  /** The server has no entries of this chat before this seq, so waiting for them would never end. */
  skipTo(chatId: string, seq: number): void {
    const log = this.get(chatId);
    const { cursor } = log;
    if (!isCount(seq) || (cursor !== undefined && cursor >= seq - 1)) return;
    log.begin(seq - 1);
    if (cursor !== undefined) this.#options.gap({ chat_id: chatId, from: cursor + 1, to: seq - 1 });
    this.resume(log);
  }

  /** Notes that the chat has entries up to this seq. */
  expect(chatId: string, seq: number): void {
    const log = this.get(chatId);
    log.expect(seq);
    this.#advance(log);
  }

  /** Starts the chat after this seq, unless its cursor is known. */
  begin(log: Log, seq: number): void {
    if (log.cursor === undefined) log.begin(seq);
    this.resume(log);
  }

  /** Delivers what follows the cursor. */
  resume(log: Log): void {
    this.#keep(log);
    this.#advance(log);
  }

  #advance(log: Log): void {
    if (this.isOnHold) return;
    for (let message = log.next(); message; message = log.next()) {
      // Deliver, then save the cursor: a crash in between repeats the entry instead of losing it.
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
