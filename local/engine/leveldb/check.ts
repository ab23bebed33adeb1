import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, readLog } from './log.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { damageOfTable } from './table.ts';

/** What a look at a database's files came to: the number of its last write, or the first damage that was found. */
export type Finding = { lastWrite: number } | { damage: string };

class Damage extends Error {}

const fileOf = (number: number, kind: 'log' | 'ldb'): string => `${String(number).padStart(6, '0')}.${kind}`;

/**
 * Looks at all that LevelDB would read from a folder. It would itself leave out damaged writes, serve damaged blocks, and
 * begin anew without `CURRENT`, and say nothing.
 *
 * A log whose end is cut off is whole, since that is how a process which is killed leaves it: whether a write is
 * missing there that was acknowledged is for the caller to say, by the number of the last one.
 */
export function checkFiles(folder: string): Finding {
  try {
    return { lastWrite: lastWriteIn(folder) };
  } catch (error) {
    if (error instanceof Damage) return { damage: error.message };
    throw error;
  }
}

function lastWriteIn(folder: string): number {
  const names = readdirSync(folder);
  if (!names.includes('CURRENT')) {
    // A database has a log from its first moment on.
    if (names.some((name) => /^\d+\.(ldb|log)$/.test(name))) throw new Damage('CURRENT is missing');
    return 0;
  }
  const manifest = manifestOf(folder);
  for (const [number, size] of manifest.tables) checkTable(folder, fileOf(number, 'ldb'), size);
  return lastWriteOf(folder, manifest, names);
}

function manifestOf(folder: string): Manifest {
  const [, name] = /^(MANIFEST-\d+)\n$/.exec(read(folder, 'CURRENT').toString('latin1')) ?? [];
  if (name === undefined) throw new Damage('CURRENT names no manifest');
  const { records } = recordsOf(folder, name);
  try {
    // It begins with more than nothing, even if it was being written when its process was killed.
    if (records.length === 0) throw new Error('it is empty');
    return readManifest(records);
  } catch (error) {
    throw new Damage(`${name} is not readable: ${(error as Error).message}`);
  }
}

function checkTable(folder: string, name: string, size: number): void {
  const bytes = read(folder, name);
  const why = bytes.length === size ? damageOfTable(bytes) : `has ${bytes.length} bytes of ${size}`;
  if (why !== undefined) throw new Damage(`${name} ${why}`);
}

/** Of the logs that are not in a table yet. Each write has a number, and none is left out. */
function lastWriteOf(folder: string, { log, lastWrite }: Manifest, names: readonly string[]): number {
  const numbers = names.flatMap((name) => (/^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : []));
  const live = numbers.filter((number) => number >= log).sort((one, other) => one - other);
  if (log > 0 && live[0] !== log) throw new Damage(`${fileOf(log, 'log')} is missing`);
  let next: number | undefined;
  for (const name of live.map((number) => fileOf(number, 'log'))) {
    for (const record of recordsOf(folder, name).records) {
      const first = Number(record.readBigUInt64LE(0));
      // What no log has any more is in tables, of which the manifest knew.
      const expected = next ?? Math.min(first, lastWrite + 1);
      if (first !== expected) throw new Damage(`${name} lacks the writes from ${expected} on`);
      next = first + record.readUInt32LE(8);
    }
  }
  return Math.max(lastWrite, (next ?? 1) - 1);
}

function recordsOf(folder: string, name: string): Log {
  const log = readLog(read(folder, name));
  if (log.damagedAt !== undefined) throw new Damage(`${name} has a wrong checksum at byte ${log.damagedAt}`);
  return log;
}

function read(folder: string, name: string): Buffer {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Damage(`${name} is missing`);
  return readFileSync(path);
}
