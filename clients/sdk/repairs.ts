import { type Code, RequestError } from './errors.ts';
import type { Log } from './log.ts';
import type { Logs } from './logs.ts';
import { whose } from './names.ts';
import type { Ask } from './session.ts';
import type { Backoff, Timing } from './timing.ts';
import type { Message } from './types.ts';

interface RepairsOptions {
  ask: Ask;
  timing: Timing;
  backoff: Backoff;
  logs: Logs;
  username(): string;
  /** Asks for all that is behind the cursors, and for what has none. */
  pull(): Promise<void>;
  /** The user is no member of this group any more. */
  left(chatId: string): void;
}

const PAGE = 200;
// Nothing will come of this chat any more.
const OVER: ReadonlySet<Code> = new Set<Code>(['not_a_member', 'unknown_group', 'unknown_recipient']);

/** Gets what is missing: chat by chat, so that a client which lacks much is no crowd. */
export class Repairs {
  readonly #options: RepairsOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RepairsOptions) {
    this.#options = options;
  }

  /** Sees to a log that is behind; what has only been overtaken has a moment to come. */
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
    const request = { type: 'fetch_history', ...whose(username(), log.id) };
    if (log.cursor === undefined) {
      // A group that was joined on another device: the server knows since when, or soon will.
      await pull();
      // Refused to who is no member any more, whom this reached late.
      if (log.cursor === undefined) await ask({ ...request, limit: 1 });
      logs.begin(log, (log.firstHeld ?? 1) - 1);
    }
    while (log.isBehind && logs.has(log)) {
      const before: number | undefined = log.cursor;
      // The log as it is, and not as it is read.
      const page = await ask({ ...request, after_seq: before, limit: PAGE, changes: true });
      if (page.oldest) logs.skipTo(log.id, page.oldest as number);
      for (const message of page.messages as Message[]) logs.push(message);
      if (log.cursor === before) return;
    }
  }

  /** @returns milliseconds to wait, where the server says so */
  #failed(log: Log, error: unknown): number | undefined {
    if (!(error instanceof RequestError)) throw error;
    // The store's part stays: another client goes on with it.
    if (error.code === 'closed') log.stop();
    if (OVER.has(error.code)) this.#options.left(log.id);
    return error.retryAfterMs;
  }
}
