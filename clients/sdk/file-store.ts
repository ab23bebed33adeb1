import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { storeOn } from './keeping.ts';
import type { Store } from './store.ts';

// Size per byte in use at which the file is rewritten.
const SLACK = 4;
const FEWEST = 16 * 1024;

/**
 * A store in a file, for one process at a time. Each change appends a line, so a killed process loses nothing that `set`
 * returned for; a partial line is dropped. The line of a replaced or removed value is overwritten at once, so no deleted
 * text stays in the file. Only its owner may read it, as it holds a session token.
 */
export function fileStore(path: string): Store {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const entries = read(path);
  const file = new Lines(path, entries);
  return storeOn({
    get: (key) => entries.get(key),
    set(key, value) {
      if (entries.get(key) === value) return;
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
      file.put(key, value);
    },
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
    compact: () => file.rewrite(),
  });
}

/** Position of each key's line in the file, newline included. */
interface Place {
  at: number;
  bytes: number;
}

/** A line for each key, between lines of spaces. */
class Lines {
  readonly #path: string;
  readonly #entries: ReadonlyMap<string, string>;
  #places = new Map<string, Place>();
  #file: number;
  #end = 0;
  /** Bytes of the lines in use. */
  #live = 0;

  constructor(path: string, entries: ReadonlyMap<string, string>) {
    this.#path = path;
    this.#entries = entries;
    this.#file = this.#written();
  }

  /** Appends before it erases the old line: a process killed in between leaves both, and the later one wins. */
  put(key: string, value: string | undefined): void {
    const old = this.#places.get(key);
    if (value === undefined) this.#places.delete(key);
    else this.#append(this.#file, key, value);
    if (old) this.#blank(old);
    if (this.#end > FEWEST + this.#live * SLACK) this.rewrite();
  }

  /** Rewrites the file with the lines in use, and syncs it to disk. */
  rewrite(): void {
    const before = this.#file;
    this.#file = this.#written();
    closeSync(before);
  }

  #written(): number {
    const next = `${this.#path}.new`;
    const file = openSync(next, 'w+', 0o600);
    this.#places = new Map();
    this.#end = 0;
    this.#live = 0;
    for (const [key, value] of this.#entries) this.#append(file, key, value);
    fsyncSync(file);
    renameSync(next, this.#path);
    return file;
  }

  #append(file: number, key: string, value: string): void {
    const line = Buffer.from(`${JSON.stringify([key, value])}\n`);
    write(file, line, this.#end);
    this.#places.set(key, { at: this.#end, bytes: line.length });
    this.#end += line.length;
    this.#live += line.length;
  }

  #blank({ at, bytes }: Place): void {
    write(this.#file, Buffer.alloc(bytes - 1, ' '), at);
    this.#live -= bytes;
  }
}

function write(file: number, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, bytes.length - done, at + done);
}

function read(path: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of contentOf(path).split('\n')) {
    const [key, value] = entryOf(line);
    if (key !== undefined && value !== undefined) entries.set(key, value);
  }
  return entries;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return '';
    throw error;
  }
}

/** A partial or overwritten line yields nothing. */
function entryOf(line: string): [key?: string, value?: string] {
  try {
    return JSON.parse(line);
  } catch {
    return [];
  }
}
