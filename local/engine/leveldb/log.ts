import { crc32c, masked } from './crc32c.ts';

// Source: LevelDB, doc/log_format.md.
const BLOCK = 32 * 1024;
const HEADER = 7;
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** What is in a file of LevelDB's log format: writes, or what became of its files. */
export interface Log {
  records: Buffer[];
  /** The byte at which it is not what was written. A file that ends within a record is whole: it was being written. */
  damagedAt?: number;
}

/** Reads a log, and checks each of its checksums. */
export function readLog(bytes: Buffer): Log {
  const records: Buffer[] = [];
  let parts: Buffer[] | undefined;
  for (const part of partsOf(bytes)) {
    const isInPlace = parts
      ? part.type === MIDDLE || part.type === LAST
      : part.type === FULL || part.type === FIRST;
    if (!part.isWhole || !isInPlace) return { records, damagedAt: part.at };
    parts = [...(parts ?? []), part.data];
    if (part.type === MIDDLE || part.type === FIRST) continue;
    records.push(Buffer.concat(parts));
    parts = undefined;
  }
  return { records };
}

/**
 * Empties what is damaged of a log, so that LevelDB, which would believe it when it repairs, sees that it is.
 * @returns whether there is any
 */
export function emptyDamage(bytes: Buffer): boolean {
  const damaged = [...partsOf(bytes)].filter(({ isWhole }) => !isWhole);
  for (const { at } of damaged) bytes.fill(0, at, Math.min(blockEnd(at), bytes.length));
  return damaged.length > 0;
}

const blockEnd = (at: number): number => at + BLOCK - (at % BLOCK);

interface Part {
  at: number;
  type: number;
  data: Buffer;
  isWhole: boolean;
}

/** All parts of records but one that is cut off by the end. Where one is damaged, so may its length be: the next block is next. */
function* partsOf(bytes: Buffer): Iterable<Part> {
  for (let at = 0; at < bytes.length; ) {
    const limit = blockEnd(at);
    if (limit - at < HEADER) {
      // Nothing fits: the block is filled up.
      at = limit;
      continue;
    }
    if (at + HEADER > bytes.length || isEmptyFrom(bytes, at)) return;
    const end = at + HEADER + bytes.readUInt16LE(at + 4);
    if (end <= limit && end > bytes.length) return;
    const isWhole = end <= limit && bytes.readUInt32LE(at) === masked(crc32c(bytes, at + 6, end));
    yield { at, type: bytes.readUInt8(at + 6), data: bytes.subarray(at + HEADER, end), isWhole };
    at = isWhole ? end : limit;
  }
}

/** A file system may have made room for what it never wrote, when the machine lost its power. */
const isEmptyFrom = (bytes: Buffer, at: number): boolean =>
  bytes[at + 6] === 0 && bytes.subarray(at).every((byte) => byte === 0);
