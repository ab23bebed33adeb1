import { Reader } from './reader.ts';

/** The files of the database. */
export interface Manifest {
  /** Tables by their number, with their size in bytes. */
  tables: Map<number, number>;
  /** The first log that is not in a table yet. */
  log: number;
  /** The number of the last write when the manifest was written. */
  lastWrite: number;
}

// Source: LevelDB, db/version_edit.cc.
const [COMPARATOR, LOG, NEXT_FILE, LAST_WRITE, COMPACT, DELETED, ADDED, PREVIOUS_LOG] = [
  ...[1, 2, 3, 4],
  ...[5, 6, 7, 9],
];

/** @throws Error if the records are no manifest */
export function readManifest(edits: readonly Buffer[]): Manifest {
  const manifest: Manifest = { tables: new Map(), log: 0, lastWrite: 0 };
  for (const edit of edits) {
    const reader = new Reader(edit);
    while (!reader.isAtEnd) apply(manifest, reader);
  }
  return manifest;
}

function apply(manifest: Manifest, reader: Reader): void {
  const tag = reader.varint();
  const skipText = () => void reader.slice(reader.varint());
  if (tag === COMPARATOR) skipText();
  else if (tag === LOG) manifest.log = reader.varint();
  else if (tag === NEXT_FILE || tag === PREVIOUS_LOG) reader.varint();
  else if (tag === LAST_WRITE) manifest.lastWrite = reader.varint();
  else if (tag === COMPACT) {
    reader.varint();
    skipText();
  } else if (tag === DELETED) {
    reader.varint();
    manifest.tables.delete(reader.varint());
  } else if (tag === ADDED) {
    reader.varint();
    manifest.tables.set(reader.varint(), reader.varint());
    skipText();
    skipText();
  } else throw new Error(`Unknown tag ${tag}`);
}
