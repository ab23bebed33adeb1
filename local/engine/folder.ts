import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { damageRefusal } from '../damage.ts';
import { makePrivate } from '../private.ts';
import { Acknowledged } from './acknowledged.ts';
import { checkFiles, type Finding } from './leveldb/check.ts';
import { emptyDamage } from './leveldb/log.ts';
import { markDamage } from './leveldb/table.ts';

interface Database {
  open(): Promise<void>;
  close(): Promise<void>;
  compactRange(start: string, end: string): Promise<void>;
}

// dynalite's own dependency, so that both use the same version.
const requireOfDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { Level } = requireOfDynalite('level') as {
  Level: { new (folder: string, options?: object): Database; repair(folder: string): Promise<void> };
};

const LAST_KEY = '\u{10ffff}';

/** A data folder that was checked and may be opened. */
export interface CheckedFolder {
  acknowledged: Acknowledged;
  /** A notice for the user if the data was damaged. */
  notice?: string;
}

/**
 * Checks the data for damage before it is opened, since opening changes it.
 * @param acceptDamage whether to continue with the readable part and keep a copy of the damaged files
 * @throws Error that says what is damaged and what can be done, or that another process uses the folder
 */
export async function checkFolder(folder: string, acceptDamage: boolean): Promise<CheckedFolder> {
  await expectFree(folder);
  const finding = find(folder);
  if (!('damage' in finding)) return { acknowledged: new Acknowledged(folder, finding.lastWrite) };
  // Another process may have begun to write meanwhile, which would invalidate the finding.
  await expectFree(folder);
  if (!acceptDamage) throw new Error(damageRefusal(`The data in ${folder} is damaged: ${finding.damage}`));
  const kept = await repair(folder);
  const repaired = find(folder);
  if ('damage' in repaired) throw new Error(`The data in ${folder} cannot be repaired: ${repaired.damage}`);
  return {
    acknowledged: new Acknowledged(folder, repaired.lastWrite),
    notice: `The data in ${folder} was damaged: ${finding.damage}. What was readable is served; the files as they were are in ${kept}.`,
  };
}

function find(folder: string): Finding {
  const finding = checkFiles(folder);
  if ('damage' in finding) return finding;
  const acknowledged = Acknowledged.in(folder);
  if (acknowledged === undefined)
    return { damage: 'the file ACKNOWLEDGED, which counts the writes, is not readable' };
  const missing = acknowledged - finding.lastWrite;
  return missing > 0 ? { damage: `the last ${missing} of ${acknowledged} writes are missing` } : finding;
}

/** Checks the lock: LevelDB takes it first, and then fails because it may neither open nor create a database. */
async function expectFree(folder: string): Promise<void> {
  const probe = new Level(folder, { createIfMissing: false, errorIfExists: true });
  const error = await probe.open().catch((failure: Error & { cause?: { code?: string } }) => failure);
  await probe.close();
  if (error?.cause && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED')
    throw new Error(`The data in ${folder} is in use by another process`);
}

/** Drops unreadable parts and rewrites the rest. @returns the folder with the original files */
async function repair(folder: string): Promise<string> {
  const kept = freeName(join(dirname(folder), `${basename(folder)}.damaged`));
  cpSync(folder, kept, { recursive: true });
  makePrivate(kept);
  for (const name of readdirSync(folder)) {
    const mark = name.endsWith('.ldb') ? markDamage : name.endsWith('.log') ? emptyDamage : undefined;
    const bytes = mark && readFileSync(join(folder, name));
    if (bytes && mark(bytes)) writeFileSync(join(folder, name), bytes);
  }
  await Level.repair(folder);
  // LevelDB moves unusable files here; the originals are kept anyway.
  for (const name of ['lost', 'ACKNOWLEDGED']) rmSync(join(folder, name), { recursive: true, force: true });
  const database = new Level(folder);
  await database.open();
  await database.compactRange('', LAST_KEY);
  await database.close();
  return kept;
}

function freeName(name: string): string {
  for (let number = 1; ; number++) {
    const each = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(each)) return each;
  }
}
