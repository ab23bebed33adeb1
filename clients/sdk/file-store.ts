import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { storeOn } from './keeping.ts';
import type { Store } from './store.ts';

// Size per byte in use at which the file is rewritten.
const SLACK = 4;
const FEWEST = 16 * 1024;

/**
 * A store in a file, for one process at a time. Each change appends a line, so a killed process loses nothing that `set`
 * returned for; a partial line is dropped. The line of a replaced or removed value is overwritten at once, so no deleted
 * text stays in the file. Only its owner may read it, as it holds a session token. What the disk has no room for is in
 * memory until it has, and the file has what it took last. @throws Error if the file can't be written at all
 */
export function fileStore(path: string): Store {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const entries = read(path);
  const file = new Lines(path, entries);
  /** Keys of which the file has not the value that is in memory. */
  const unkept = new Set<string>();
  const put = (key: string) => {
    try {
      file.put(key, entries.get(key));
      return unkept.delete(key);
    } catch {
      unkept.add(key);
      return false;
    }
  };
  return storeOn({
    get unkept() {
      return unkept.size > 0 ? 'some' : undefined;
    },
    get: (key) => entries.get(key),
    set(key, value) {
      if (entries.get(key) === value) return;
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
      put(key);
      // There may be room now.
      for (const each of [...unkept]) if (each !== key && !put(each)) break;
    },
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
    compact: () => file.compact(),
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
  #file = -1;
  #end = 0;
  /** Bytes of the lines in use. */
  #live = 0;

  constructor(path: string, entries: ReadonlyMap<string, string>) {
    this.#path = path;
    this.#entries = entries;
    this.#rewrite();
  }

  /**
   * Appends before it erases the old line: a process killed in between leaves both, and the later one wins.
   * @throws Error if there is no room; the file is as it was
   */
  put(key: string, value: string | undefined): void {
    const old = this.#places.get(key);
    if (value !== undefined) this.#set(key, lineOf(key, value), old);
    else if (old) {
      this.#blank(old);
      this.#places.delete(key);
    }
    if (this.#end > FEWEST + this.#live * SLACK) this.compact();
  }

  /** Rewrites the file with the lines in use, and syncs it to disk; unless that has no room. */
  compact(): void {
    try {
      this.#rewrite();
    } catch {}
  }

  #rewrite(): void {
    const next = `${this.#path}.new`;
    const file = openSync(next, 'w+', 0o600);
    const places = new Map<string, Place>();
    let end = 0;
    try {
      for (const [key, value] of this.#entries) {
        const line = lineOf(key, value);
        write(file, line, end);
        places.set(key, { at: end, bytes: line.length });
        end += line.length;
      }
      fsyncSync(file);
      renameSync(next, this.#path);
    } catch (error) {
      closeSync(file);
      rmSync(next, { force: true });
      throw error;
    }
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = file;
    this.#places = places;
    this.#end = end;
    this.#live = end;
  }

  #set(key: string, line: Buffer, old: Place | undefined): void {
    try {
      write(this.#file, line, this.#end);
    } catch (error) {
      // Nothing of a text that may have to be erased is behind the end.
      ftruncateSync(this.#file, this.#end);
      // What is as long as before needs no room.
      if (old?.bytes !== line.length) throw error;
      write(this.#file, line, old.at);
      return;
    }
    this.#places.set(key, { at: this.#end, bytes: line.length });
    this.#end += line.length;
    this.#live += line.length;
    if (old) this.#blank(old);
  }

  #blank({ at, bytes }: Place): void {
    write(this.#file, Buffer.alloc(bytes - 1, ' '), at);
    this.#live -= bytes;
  }
}

const lineOf = (key: string, value: string) => Buffer.from(`${JSON.stringify([key, value])}\n`);

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
