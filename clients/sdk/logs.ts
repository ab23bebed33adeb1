import { isCount } from './entries.ts';
import { begin, expect, hold, isBehind, type Log, newLog, next, stop } from './log.ts';
import { isGroup } from './names.ts';
import type { Gap, Message } from './types.ts';

interface LogsOptions {
  /** Receives the next entry of a chat: each once, in order. */
  message(message: Message): void;
  /** Receives a range of entries that expired on the server; `message` continues after it. */
  gap(gap: Gap): void;
  /** Entries of this chat are missing. */
  behind(log: Log): void;
}

/** The logs of all chats. */
export interface Logs {
  readonly all: ReadonlyMap<string, Log>;
  get(chatId: string): Log;
  /** Saves a log's cursor: what a store replaces (inner.ts). */
  keep(log: Log): void;
  /** Holds back all entries, or delivers them all. */
  hold(isOn: boolean): void;
  cursors(): Record<string, number>;
  /** The last seq of a chat that was delivered to the app. */
  cursor(chatId: string): number | undefined;
  /** @param isFirstMine whether an unknown chat starts at this entry: pages start at the user's first entry */
  push(entry: Message, isFirstMine?: boolean): void;
  /** The server has no entries of this chat before this seq, so waiting for them would never end. */
  skipTo(chatId: string, seq: number): void;
  /** Notes that the chat has entries up to this seq. */
  expect(chatId: string, seq: number): void;
  /** Starts the chat after this seq, unless its cursor is known. */
  begin(log: Log, seq: number): void;
  forget(chatId: string): void;
}

export function logsOf({ message, gap, behind }: LogsOptions): Logs {
  const all = new Map<string, Log>();
  /** Holds back all entries until the client knows where to start. */
  let isOnHold = false;

  const get = (chatId: string): Log => {
    const log = all.get(chatId) ?? newLog(chatId);
    all.set(chatId, log);
    return log;
  };

  const advance = (log: Log) => {
    if (isOnHold) return;
    for (let entry = next(log); entry; entry = next(log)) {
      // Deliver, then save the cursor: a crash in between repeats the entry instead of losing it.
      message(entry);
      self.keep(log);
    }
    if (isBehind(log)) behind(log);
  };

  /** Delivers what follows the cursor. */
  const resume = (log: Log) => {
    self.keep(log);
    advance(log);
  };

  const self: Logs = {
    all,
    get,
    keep() {},

    hold(isOn) {
      isOnHold = isOn;
      if (!isOn) all.forEach(resume);
    },

    cursors() {
      const cursors: Record<string, number> = {};
      for (const { id, cursor } of all.values()) if (cursor !== undefined) cursors[id] = cursor;
      return cursors;
    },

    cursor: (chatId) => all.get(chatId)?.cursor,

    push(entry, isFirstMine) {
      const log = get(entry.chat_id);
      if ((isFirstMine || !isGroup(log.id)) && !isOnHold) log.cursor ??= isFirstMine ? entry.seq - 1 : 0;
      hold(log, entry);
      advance(log);
    },

    skipTo(chatId, seq) {
      const log = get(chatId);
      const { cursor } = log;
      if (!isCount(seq) || (cursor !== undefined && cursor >= seq - 1)) return;
      begin(log, seq - 1);
      if (cursor !== undefined) gap({ chat_id: chatId, from: cursor + 1, to: seq - 1 });
      resume(log);
    },

    expect(chatId, seq) {
      const log = get(chatId);
      expect(log, seq);
      advance(log);
    },

    begin(log, seq) {
      if (log.cursor === undefined) begin(log, seq);
      resume(log);
    },

    forget(chatId) {
      stop(get(chatId));
      all.delete(chatId);
    },
  };
  return self;
}
