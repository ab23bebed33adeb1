// Milliseconds in which what comes is told as one: after a time without a connection, it comes in pieces.
const TOGETHER = 700;

/** Tells what comes first at once, and what follows soon together after that. */
export class Bursts<T> {
  readonly #tell: (all: readonly T[]) => void;
  #waiting: T[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: (all: readonly T[]) => void) {
    this.#tell = tell;
  }

  add(come: readonly T[]): void {
    this.#waiting.push(...come);
    if (this.#timer === undefined) this.#next();
  }

  /** Tells nothing any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #next(): void {
    const all = this.#waiting;
    this.#waiting = [];
    this.#timer = undefined;
    if (all.length === 0) return;
    this.#tell(all);
    this.#timer = setTimeout(() => this.#next(), TOGETHER);
  }
}
