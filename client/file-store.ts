import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from './store.ts';

// Lines for each key that is there, before the file is written anew.
const SLACK = 4;
const FEWEST = 1000;

/**
 * A store in a file, for one process at a time. Every change is a line at its end, so that a process which is killed
 * loses nothing that it was told is kept; a half line is dropped. Only its owner may read it: it has a session's token.
 */
export function fileStore(path: string): Store {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const entries = read(path);
  let lines = 0;
  const rewrite = () => {
    const text = [...entries].map(lineOf).join('');
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    lines = entries.size;
  };
  rewrite();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      if (entries.get(key) === value) return;
      if (value === undefined) entries.delete(key);
      else entries.set(key, value);
      if (++lines > FEWEST + entries.size * SLACK) rewrite();
      else appendFileSync(path, lineOf([key, value]), { mode: 0o600 });
    },
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

const lineOf = (entry: readonly [key: string, value: string | undefined]): string =>
  `${JSON.stringify(entry)}\n`;

function read(path: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of contentOf(path).split('\n')) {
    const [key, value] = entryOf(line);
    if (key === undefined) continue;
    if (typeof value === 'string') entries.set(key, value);
    else entries.delete(key);
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

/** A line that is cut off says nothing. */
function entryOf(line: string): [key?: string, value?: string | null] {
  try {
    return JSON.parse(line);
  } catch {
    return [];
  }
}
