import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../support/programs.ts';

/** Counts by name. */
export type Counts = Record<string, number>;

interface FromHost {
  ready?: true;
  faults?: Counts;
  errors?: Counts;
}

/** Runs the local cloud on one data folder in a child process that can be killed and restarted. */
export class Server {
  readonly #data: string;
  readonly #notes: string;
  readonly #port: number;
  readonly #batchWindow: string;
  readonly #eventsTo: string | undefined;
  #child: ChildProcess | undefined;
  #earlier: { faults: Counts; errors: Counts } = { faults: {}, errors: {} };
  #current: { faults: Counts; errors: Counts } = { faults: {}, errors: {} };
  kills = 0;

  /**
   * @param notes the folder for the notes of its hosts (notes.ts)
   * @param batchWindow the setting
   * @param eventsTo a URL for events; absent, there are none
   */
  constructor(data: string, notes: string, port: number, batchWindow: string, eventsTo?: string) {
    this.#data = data;
    this.#notes = notes;
    this.#port = port;
    this.#batchWindow = batchWindow;
    this.#eventsTo = eventsTo;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** Faults of all its processes so far, up to about half a second before each kill. */
  get faults(): Counts {
    return sum(this.#earlier.faults, this.#current.faults);
  }

  /** Errors that its functions logged, by message. */
  get errors(): Counts {
    return sum(this.#earlier.errors, this.#current.errors);
  }

  /** @param plan in the format of `--faults`; if absent, there are no faults */
  async start(plan = '', seed = 1): Promise<void> {
    this.#earlier = { faults: this.faults, errors: this.errors };
    this.#current = { faults: {}, errors: {} };
    const child = fork(
      program('test/chaos/host.ts'),
      [
        ...[this.#data, `${this.#port}`, this.#notes, plan, `${seed}`, this.#batchWindow],
        ...(this.#eventsTo === undefined ? [] : [this.#eventsTo]),
      ],
      // A chaos run itself has tsx.
      { execArgv: [] },
    );
    this.#child = child;
    await new Promise<void>((ready, fail) => {
      child.on('message', ({ ready: isReady, faults = {}, errors = {} }: FromHost) => {
        if (isReady) ready();
        else this.#current = { faults, errors };
      });
      child.once('exit', (code) => fail(new Error(`The server exited with code ${code}`)));
    });
  }

  /** Kills the process at once, like a power cut. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.kills++;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

function sum(one: Counts, other: Counts): Counts {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
