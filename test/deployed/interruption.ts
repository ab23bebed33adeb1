/** Ctrl-C, or a `kill`: the first stops the work, and what it made is removed; a second one stops that, too. */
export class Interruption {
  came = false;
  /** What is left after the second. */
  leftover = 'Nothing is left.';
  readonly #first: Promise<never>;

  /** @param stop ends what runs, and waits for its end */
  constructor(stop: () => Promise<void>) {
    this.#first = new Promise((_, fail) => {
      const begin = () => {
        if (this.came) this.#giveUp();
        this.came = true;
        void stop().then(() => fail(new Error('Interrupted.')));
      };
      process.on('SIGINT', begin);
      process.on('SIGTERM', begin);
    });
    // Whoever waits later is told then.
    this.#first.catch(() => {});
  }

  /** @throws Error as soon as the first came and the running work has ended */
  orDone = <T>(work: Promise<T>): Promise<T> => Promise.race([work, this.#first]);

  #giveUp(): never {
    console.error(this.leftover);
    process.exit(130);
  }
}
