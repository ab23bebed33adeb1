/** Identifies a run's messages: the content of each begins with the run's id and a number. */
export class Mark {
  readonly #run: string;
  readonly #bytes: number;

  /** @param bytes the size of each content, at least 40 */
  constructor(run: string, bytes: number) {
    this.#run = run;
    this.#bytes = bytes;
  }

  content(index: number): string {
    return `load ${this.#run} ${index} `.padEnd(this.#bytes, 'x');
  }

  /** The message's number; undefined if the content is not from this run. */
  indexOf(content: unknown): number | undefined {
    const [, run, digits] = /^load (\S+) (\d+) x*$/.exec(String(content)) ?? [];
    const index = Number(digits);
    return run === this.#run && content === this.content(index) ? index : undefined;
  }
}
