import { entriesIn } from './entries.ts';
import { type Code, RequestError } from './errors.ts';
import { firstHeld, isBehind, type Log, stop } from './log.ts';
import type { Logs } from './logs.ts';
import { requestFieldsOf } from './names.ts';
import type { Ask } from './session.ts';
import type { Backoff, Timing } from './timing.ts';

interface RepairsOptions {
  ask: Ask;
  timing: Timing;
  backoff: Backoff;
  logs: Logs;
  username(): string;
  /** Fetches everything after the cursors, and chats without one. */
  pull(): Promise<void>;
  /** The user is no longer a member of this group. */
  left(chatId: string): void;
}

const PAGE = 200;
// Codes after which the chat brings nothing more.
const OVER: ReadonlySet<Code> = new Set<Code>(['not_a_member', 'unknown_group', 'unknown_recipient']);

/**
 * Fetches missing entries one chat at a time, so that a client with many gaps doesn't flood the server.
 * @returns schedules a repair, after a moment in which late pushes may still arrive
 */
export function repairsOf(options: RepairsOptions): (log: Log) => void {
  const { ask, timing, backoff, logs, username, pull, left } = options;
  let last: Promise<unknown> = Promise.resolve();

  const soon = (log: Log, ms: number) => {
    log.isRepairing = true;
    setTimeout(() => {
      last = last.then(() => repair(log));
    }, ms);
  };

  const repair = async (log: Log) => {
    const wait = await fill(log).catch((error) => failed(log, error));
    log.isRepairing = false;
    if (isBehind(log)) soon(log, wait ?? backoff(log.attempts++));
    else log.attempts = 0;
  };

  const fill = async (log: Log): Promise<undefined> => {
    const request = { type: 'fetch_history', ...requestFieldsOf(username(), log.id) };
    if (log.cursor === undefined) {
      // A group joined on another device: the server knows where the user's part starts, or soon will.
      await pull();
      // The server refuses this to former members who got a late push.
      if (log.cursor === undefined) await ask({ ...request, limit: 1 });
      // Unless the user has left it meanwhile.
      if (isBehind(log)) logs.begin(log, (firstHeld(log) ?? 1) - 1);
    }
    while (isBehind(log)) {
      const before: number | undefined = log.cursor;
      // Entries as stored, with edits and deletions as their own entries.
      const page = await ask({ ...request, after_seq: before, limit: PAGE, changes: true });
      if (page.oldest) logs.skipTo(log.id, page.oldest as number);
      for (const message of entriesIn(page.messages)) logs.push(message);
      if (log.cursor === before) return;
    }
  };

  /** @returns milliseconds to wait, if the server says so */
  const failed = (log: Log, error: unknown): number | undefined => {
    if (!(error instanceof RequestError)) throw error;
    // The cursor stays in the store, and the next client continues from it.
    if (error.code === 'closed') stop(log);
    if (OVER.has(error.code)) left(log.id);
    return error.retryAfterMs;
  };

  return (log) => {
    if (!log.isRepairing) soon(log, timing.gap);
  };
}
