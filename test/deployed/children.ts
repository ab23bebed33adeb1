import { type ChildProcess, spawn } from 'node:child_process';

/** The programs that this one runs, which end with it. */
export class Children {
  readonly #running = new Map<ChildProcess, Promise<number | null>>();
  #ended = false;

  /**
   * Runs a Node program to its end, in this terminal.
   * @returns its exit code; null if a signal ended it
   * @throws Error once all have been ended
   */
  async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number | null> {
    if (this.#ended) throw new Error('Interrupted.');
    const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    const exit = new Promise<number | null>((done, fail) => {
      child.on('error', fail);
      child.on('exit', done);
    });
    this.#running.set(child, exit);
    return exit.finally(() => this.#running.delete(child));
  }

  /** Ends the running programs, and waits for them. A terminal's Ctrl-C reaches them too, a `kill` does not. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const child of this.#running.keys()) child.kill('SIGTERM');
    await Promise.allSettled(this.#running.values());
  }

  /** From now on programs may run again, in order to clean up. */
  again(): void {
    this.#ended = false;
  }
}
