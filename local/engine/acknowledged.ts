import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sealed, unsealed } from '../sealed.ts';

const NAME = 'ACKNOWLEDGED';
const DIGITS = 16;

/**
 * How many writes of a database were acknowledged: a file of one line, written before each acknowledgement. A log whose
 * end is missing looks like one that a killed process left behind; this tells one from the other.
 */
export class Acknowledged {
  readonly #file: number;
  #writes: number;

  /** @param writes that the database has */
  constructor(folder: string, writes: number) {
    // As it is, and not emptied first: a process may be killed between the two.
    this.#file = openSync(join(folder, NAME), constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#writes = writes;
    this.add(0);
  }

  /** When it returns, the number outlives this process. */
  add(writes: number): void {
    this.#writes += writes;
    writeSync(this.#file, lineOf(this.#writes), 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** @returns undefined if the file is not what was written; 0 if there is none, as in data of version 0.1 */
  static in(folder: string): number | undefined {
    const path = join(folder, NAME);
    if (!existsSync(path)) return 0;
    const line = readFileSync(path, 'latin1');
    // A process was killed when it had just made the file.
    if (line === '') return 0;
    const writes = unsealed(line);
    return writes === undefined ? undefined : Number(writes);
  }
}

const lineOf = (writes: number): string => sealed(String(writes).padStart(DIGITS, '0'));
