import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Log, readLog } from './log.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { damageOfTable } from './table.ts';

/** The result of checking a database's files: the number of its last write, or the first damage. */
export type Finding = { lastWrite: number } | { damage: string };

class Damage extends Error {}

const fileOf = (number: number, kind: 'log' | 'ldb'): string => `${String(number).padStart(6, '0')}.${kind}`;

/**
 * Checks everything that LevelDB would read from a folder. LevelDB itself would silently skip damaged writes, serve damaged
 * blocks, and start an empty database if `CURRENT` is missing.
 *
 * A log with a cut-off end counts as undamaged, since a killed process leaves it like that. The caller compares the number of
 * the last write with the acknowledged ones.
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
    // Every database has a log from the start, so files without CURRENT mean that it was lost.
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
    // A manifest is never empty, even if the process was killed while it wrote it.
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

/** The last write in the logs that are not in a table yet. Writes are numbered without gaps. */
function lastWriteOf(folder: string, { log, lastWrite }: Manifest, names: readonly string[]): number {
  const numbers = names.flatMap((name) => (/^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : []));
  const live = numbers.filter((number) => number >= log).sort((one, other) => one - other);
  if (log > 0 && live[0] !== log) throw new Damage(`${fileOf(log, 'log')} is missing`);
  let next: number | undefined;
  for (const name of live.map((number) => fileOf(number, 'log'))) {
    for (const record of recordsOf(folder, name).records) {
      const first = Number(record.readBigUInt64LE(0));
      // Earlier writes are in tables that the manifest lists.
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
