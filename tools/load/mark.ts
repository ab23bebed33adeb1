/** What tells the messages of a run from all others: each begins with a mark that has the run's id and a number. */
export class Mark {
  readonly #run: string;
  readonly #bytes: number;

  /** @param bytes of a content, 40 at least */
  constructor(run: string, bytes: number) {
    this.#run = run;
    this.#bytes = bytes;
  }

  content(index: number): string {
    return `load ${this.#run} ${index} `.padEnd(this.#bytes, 'x');
  }

  /** The message's number; undefined if the content is not one that this run has sent. */
  indexOf(content: unknown): number | undefined {
    const [, run, digits] = /^load (\S+) (\d+) x*$/.exec(String(content)) ?? [];
    const index = Number(digits);
    return run === this.#run && content === this.content(index) ? index : undefined;
  }
}
