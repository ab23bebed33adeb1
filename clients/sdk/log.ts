import { isCount } from './entries.ts';
import type { Message } from './types.ts';

// Entries held in memory per chat; the server is asked again for any beyond these.
const HELD = 500;

/** Orders the entries of one chat: the cursor, and entries that arrived early. */
export class Log {
  readonly id: string;
  /** The last seq that was delivered to the app; undefined until the client knows where it starts. */
  cursor: number | undefined;
  /** Consecutive failed repairs. */
  attempts = 0;
  /** Whether a repair is scheduled or running. */
  isRepairing = false;
  readonly #held = new Map<number, Message>();
  /** The highest seq known to exist. */
  #last = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether entries exist that have not been delivered. */
  get isBehind(): boolean {
    return this.#last > (this.cursor ?? 0);
  }

  /** The lowest seq that arrived before the start was known. */
  get firstHeld(): number | undefined {
    return this.#held.size > 0 ? Math.min(...this.#held.keys()) : undefined;
  }

  hold(message: Message): void {
    const { seq } = message;
    this.expect(seq);
    const cursor = this.cursor ?? 0;
    const hasRoom = this.#held.size < HELD || seq === cursor + 1;
    if (seq > cursor && hasRoom) this.#held.set(seq, message);
  }

  /** Notes that the chat has entries up to this seq. */
  expect(seq: number): void {
    if (isCount(seq)) this.#last = Math.max(this.#last, seq);
  }

  /** Returns the entry after the cursor, and moves the cursor to it. */
  next(): Message | undefined {
    if (this.cursor === undefined) return undefined;
    const message = this.#held.get(this.cursor + 1);
    if (message) this.cursor = message.seq;
    this.#held.delete(this.cursor);
    return message;
  }

  /** Drops everything that has not been delivered. */
  stop(): void {
    this.#held.clear();
    this.#last = this.cursor ?? 0;
  }

  /** Starts after this seq; earlier entries are in the history. */
  begin(cursor: number): void {
    this.cursor = cursor;
    for (const seq of this.#held.keys()) if (seq <= cursor) this.#held.delete(seq);
  }
}
