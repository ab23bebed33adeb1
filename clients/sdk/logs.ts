import { isCount } from './entries.ts';
import { begin, expect, hold, isBehind, type Log, newLog, next, stop } from './log.ts';
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

export type Logs = ReturnType<typeof logsOf>;

const keyOf = (chatId: string) => `c/${chatId}`;

/** The logs of all chats. The store keeps their cursors. */
export function logsOf({ store, message, gap, behind }: LogsOptions) {
  const all = new Map<string, Log>();
  /** Holds back all entries until the client knows where to start. */
  let isOnHold = false;

  const get = (chatId: string): Log => {
    const log = all.get(chatId) ?? newLog(chatId);
    all.set(chatId, log);
    return log;
  };

  const keep = ({ id, cursor }: Log) => {
    if (cursor !== undefined) store.set(keyOf(id), `${cursor}`);
  };

  const advance = (log: Log) => {
    if (isOnHold) return;
    for (let entry = next(log); entry; entry = next(log)) {
      // Deliver, then save the cursor: a crash in between repeats the entry instead of losing it.
      message(entry);
      keep(log);
    }
    if (isBehind(log)) behind(log);
  };

  /** Delivers what follows the cursor. */
  const resume = (log: Log) => {
    keep(log);
    advance(log);
  };

  return {
    all,
    get,

    /** Holds back all entries, or delivers them all. */
    hold(isOn: boolean): void {
      isOnHold = isOn;
      if (!isOn) all.forEach(resume);
    },

    /** Continues from the cursors in the store. */
    load(): void {
      for (const key of store.keys(keyOf(''))) {
        const cursor = Number(store.get(key));
        if (isCount(cursor)) begin(get(key.slice(2)), cursor);
      }
    },

    cursors(): Record<string, number> {
      const cursors: Record<string, number> = {};
      for (const { id, cursor } of all.values()) if (cursor !== undefined) cursors[id] = cursor;
      return cursors;
    },

    /** The last seq of a chat that was delivered to the app. */
    cursor: (chatId: string): number | undefined => all.get(chatId)?.cursor,

    /** @param isFirstMine whether an unknown chat starts at this entry: pages start at the user's first entry */
    push(entry: Message, isFirstMine?: boolean): void {
      const log = get(entry.chat_id);
      if ((isFirstMine || !isGroup(log.id)) && !isOnHold) log.cursor ??= isFirstMine ? entry.seq - 1 : 0;
      hold(log, entry);
      advance(log);
    },

    /** The server has no entries of this chat before this seq, so waiting for them would never end. */
    skipTo(chatId: string, seq: number): void {
      const log = get(chatId);
      const { cursor } = log;
      if (!isCount(seq) || (cursor !== undefined && cursor >= seq - 1)) return;
      begin(log, seq - 1);
      if (cursor !== undefined) gap({ chat_id: chatId, from: cursor + 1, to: seq - 1 });
      resume(log);
    },

    /** Notes that the chat has entries up to this seq. */
    expect(chatId: string, seq: number): void {
      const log = get(chatId);
      expect(log, seq);
      advance(log);
    },

    /** Starts the chat after this seq, unless its cursor is known. */
    begin(log: Log, seq: number): void {
      if (log.cursor === undefined) begin(log, seq);
      resume(log);
    },

    forget(chatId: string): void {
      stop(get(chatId));
      all.delete(chatId);
      store.set(keyOf(chatId), undefined);
    },
  };
}
