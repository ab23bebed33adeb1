import { entriesIn } from './entries.ts';
import { type Code, RequestError } from './errors.ts';
import type { Log } from './log.ts';
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

/** Fetches missing entries one chat at a time, so that a client with many gaps doesn't flood the server. */
export class Repairs {
  readonly #options: RepairsOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RepairsOptions) {
    this.#options = options;
  }

  /** Schedules a repair, after a moment in which late pushes may still arrive. */
  begin(log: Log): void {
    if (!log.isRepairing) this.#soon(log, this.#options.timing.gap);
  }

  #soon(log: Log, ms: number): void {
    log.isRepairing = true;
    setTimeout(() => {
      this.#last = this.#last.then(() => this.#repair(log));
    }, ms);
  }

  async #repair(log: Log): Promise<void> {
    const { backoff, logs } = this.#options;
    const wait = await this.#fill(log).catch((error) => this.#failed(log, error));
    log.isRepairing = false;
    if (!log.isBehind || !logs.has(log)) log.attempts = 0;
    else this.#soon(log, wait ?? backoff(log.attempts++));
  }

  async #fill(log: Log): Promise<undefined> {
    const { ask, logs, username, pull } = this.#options;
    const request = { type: 'fetch_history', ...requestFieldsOf(username(), log.id) };
    if (log.cursor === undefined) {
      // A group joined on another device: the server knows where the user's part starts, or soon will.
      await pull();
      // The server refuses this to former members who got a late push.
      if (log.cursor === undefined) await ask({ ...request, limit: 1 });
      logs.begin(log, (log.firstHeld ?? 1) - 1);
    }
    while (log.isBehind && logs.has(log)) {
      const before: number | undefined = log.cursor;
      // Entries as stored, with edits and deletions as their own entries.
      const page = await ask({ ...request, after_seq: before, limit: PAGE, changes: true });
      if (page.oldest) logs.skipTo(log.id, page.oldest as number);
      for (const message of entriesIn(page.messages)) logs.push(message);
      if (log.cursor === before) return;
    }
  }

  /** @returns milliseconds to wait, if the server says so */
  #failed(log: Log, error: unknown): number | undefined {
    if (!(error instanceof RequestError)) throw error;
    // The cursor stays in the store, and the next client continues from it.
    if (error.code === 'closed') log.stop();
    if (OVER.has(error.code)) this.#options.left(log.id);
    return error.retryAfterMs;
  }
}
