import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sealed, unsealed } from '../sealed.ts';

const NAME = 'ACKNOWLEDGED';
const DIGITS = 16;

/**
 * The number of acknowledged writes, in a file of one line that is updated before each acknowledgement. It tells a log with
 * a lost end from one that a killed process left behind; the two look the same otherwise.
 */
export class Acknowledged {
  readonly #file: number;
  #writes: number;

  /** @param writes the number of writes in the database */
  constructor(folder: string, writes: number) {
    // Without truncation: the process may be killed between truncating and writing.
    this.#file = openSync(join(folder, NAME), constants.O_RDWR | constants.O_CREAT, 0o600);
    this.#writes = writes;
    this.add(0);
  }

  /** Adds writes; the number is on disk when this returns. */
  add(writes: number): void {
    this.#writes += writes;
    writeSync(this.#file, lineOf(this.#writes), 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** @returns undefined if the file is damaged; 0 if there is none, as in data of version 0.1 */
  static in(folder: string): number | undefined {
    const path = join(folder, NAME);
    if (!existsSync(path)) return 0;
    const line = readFileSync(path, 'latin1');
    // A process was killed right after it had created the file.
    if (line === '') return 0;
    const writes = unsealed(line);
    return writes === undefined ? undefined : Number(writes);
  }
}

const lineOf = (writes: number): string => sealed(String(writes).padStart(DIGITS, '0'));
