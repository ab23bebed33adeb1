import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './connection.ts';

/**
 * Remembers which connections are open, one file each, so that a process that was killed does not take them along:
 * the service itself has no such end, and runs `$disconnect` for every connection that it loses.
 */
export class OpenConnections {
  readonly #folder: string | undefined;

  /** @param folder absent, nothing is stored */
  constructor(folder: string | undefined) {
    this.#folder = folder;
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  }

  opened({ id, connectedAt, identity }: Peer): void {
    const path = this.#pathOf(id);
    if (path) writeFileSync(path, JSON.stringify({ id, connectedAt, identity }));
  }

  /** Its `$disconnect` has run. */
  ended(id: string): void {
    const path = this.#pathOf(id);
    if (path) rmSync(path, { force: true });
  }

  /** Those that an earlier process left open. A file that was half written is of a connection that ran nothing yet. */
  leftOpen(): Peer[] {
    if (this.#folder === undefined) return [];
    const folder = this.#folder;
    return readdirSync(folder).flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as Peer];
      } catch {
        rmSync(join(folder, name), { force: true });
        return [];
      }
    });
  }

  // Connection ids differ in case, which some file systems ignore.
  #pathOf(id: string): string | undefined {
    return this.#folder && join(this.#folder, `${Buffer.from(id).toString('hex')}.json`);
  }
}
