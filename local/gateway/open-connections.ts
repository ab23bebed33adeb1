import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './connection.ts';

/**
 * Remembers open connections, one file each, so that they survive a kill of the process: API Gateway runs `$disconnect` for
 * every connection that it loses, so the next process must do that.
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

  /** Forgets a connection whose `$disconnect` has run. */
  ended(id: string): void {
    const path = this.#pathOf(id);
    if (path) rmSync(path, { force: true });
  }

  /** The connections that an earlier process left open. An incomplete file belongs to a connection that had run nothing yet. */
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

  // Encoded, since ids may differ only in case, which some file systems ignore.
  #pathOf(id: string): string | undefined {
    return this.#folder && join(this.#folder, `${Buffer.from(id).toString('hex')}.json`);
  }
}
