import type { Message } from './types.ts';

// More than these are asked for again: memory is not for what the server keeps.
const HELD = 500;

/** One chat as far as it has been told, and what has come too early. */
export class Log {
  readonly id: string;
  /** The last seq that was told; undefined as long as nobody knows where this client's part begins. */
  cursor: number | undefined;
  /** Failed attempts in a row to get what is missing. */
  attempts = 0;
  /** Whether somebody sees to what is missing. */
  isRepairing = false;
  readonly #held = new Map<number, Message>();
  /** The last seq that is known to be there. */
  #last = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Whether something that is there has not been told. */
  get isBehind(): boolean {
    return this.#last > (this.cursor ?? 0);
  }

  /** The first seq that came, before it was known where to begin. */
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

  /** The chat is known to reach so far. */
  expect(seq: number): void {
    this.#last = Math.max(this.#last, seq);
  }

  /** The message right behind the cursor, which moves over it. */
  next(): Message | undefined {
    if (this.cursor === undefined) return undefined;
    const message = this.#held.get(this.cursor + 1);
    if (message) this.cursor = message.seq;
    this.#held.delete(this.cursor);
    return message;
  }

  /** Nothing more is to be told. */
  stop(): void {
    this.#held.clear();
    this.#last = this.cursor ?? 0;
  }

  /** Begins behind this seq; what is at it or before comes from the history. */
  begin(cursor: number): void {
    this.cursor = cursor;
    for (const seq of this.#held.keys()) if (seq <= cursor) this.#held.delete(seq);
  }
}
