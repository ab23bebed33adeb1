import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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

// dynalite's own, so that both are of one version.
const requireOfDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
const { Level } = requireOfDynalite('level') as {
  Level: { new (folder: string, options?: object): Database; repair(folder: string): Promise<void> };
};

const LAST_KEY = '\u{10ffff}';

/** A folder of data that was looked through and may be opened. */
export interface CheckedFolder {
  acknowledged: Acknowledged;
  /** What its user must be told: that it was damaged. */
  notice?: string;
}

/**
 * Looks whether the data is what was stored, before anything is opened, which would change it.
 * @param acceptDamage whether to go on with what is readable, and keep the files as they were beside it
 * @throws Error that says what is damaged and what can be done, or that another process has the folder
 */
export async function checkFolder(folder: string, acceptDamage: boolean): Promise<CheckedFolder> {
  await expectFree(folder);
  const finding = find(folder);
  if (!('damage' in finding)) return { acknowledged: new Acknowledged(folder, finding.lastWrite) };
  // Somebody may have begun to write meanwhile; then what was seen means nothing.
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
  if (acknowledged === undefined) return { damage: 'ACKNOWLEDGED, which counts the writes, is not readable' };
  const missing = acknowledged - finding.lastWrite;
  return missing > 0 ? { damage: `the last ${missing} of ${acknowledged} writes are missing` } : finding;
}

/** LevelDB takes the lock first, and then sees that it may neither open what is there nor make what is not. */
async function expectFree(folder: string): Promise<void> {
  const probe = new Level(folder, { createIfMissing: false, errorIfExists: true });
  const error = await probe.open().catch((failure: Error & { cause?: { code?: string } }) => failure);
  await probe.close();
  if (error?.cause && 'code' in error.cause && error.cause.code === 'LEVEL_LOCKED')
    throw new Error(`The data in ${folder} is in use by another process`);
}

/** Drops what is not readable, and writes all else anew. @returns where the files as they were are kept */
async function repair(folder: string): Promise<string> {
  const kept = freeName(`${folder.replace(/\/+$/, '')}.damaged`);
  cpSync(folder, kept, { recursive: true });
  makePrivate(kept);
  for (const name of readdirSync(folder)) {
    const mark = name.endsWith('.ldb') ? markDamage : name.endsWith('.log') ? emptyDamage : undefined;
    const bytes = mark && readFileSync(join(folder, name));
    if (bytes && mark(bytes)) writeFileSync(join(folder, name), bytes);
  }
  await Level.repair(folder);
  // What LevelDB could not use at all; it is among the files that are kept.
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
