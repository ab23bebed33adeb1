import { RequestError } from './errors.ts';
import type { Log } from './log.ts';
import type { Logs } from './logs.ts';
import type { Ask } from './session.ts';
import type { Timing } from './timing.ts';
import type { ChatSummary, Frame } from './types.ts';

/**
 * Where a client begins that has no cursors: in each chat behind what is there already, but for what is pending. Without
 * that, a new device would be told everything that was ever written.
 */
export class StartingPoint {
  readonly #logs: Logs;
  readonly #timing: Timing;
  #isPendingOver = false;
  #ended: () => void = () => {};

  constructor(logs: Logs, timing: Timing) {
    this.#logs = logs;
    this.#timing = timing;
  }

  /** From now on everything that comes is held. */
  seek(): void {
    this.#logs.isHeld = true;
    this.#isPendingOver = false;
  }

  /** @throws RequestError `timed_out`; the pages that have not come are owed still */
  async pendingCame(): Promise<void> {
    if (this.#isPendingOver) return;
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new RequestError('timed_out', 'What is pending did not come in time.'));
      const timer = setTimeout(late, this.#timing.request);
      this.#ended = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The last page of what is pending came. */
  pendingEnded(): void {
    this.#isPendingOver = true;
    this.#ended();
  }

  async find(ask: Ask): Promise<void> {
    for await (const { chat_id, last_seq } of allChats(ask)) {
      const log = this.#logs.get(chat_id);
      if (log.cursor === undefined) log.begin(beginning(log, last_seq));
      log.expect(last_seq);
    }
    this.#logs.isHeld = false;
  }
}

const beginning = (log: Log, last: number): number => Math.min(last, (log.firstHeld ?? last + 1) - 1);

/** All of the user's chats, page by page. */
export async function* allChats(ask: Ask): AsyncGenerator<ChatSummary> {
  for (let next: object | undefined = {}; next; ) {
    const page: Frame = await ask({ type: 'list_chats', ...next });
    yield* page.chats as ChatSummary[];
    next = page.next as object | undefined;
  }
}
