import { crc32c, masked } from './crc32c.ts';

// Source: LevelDB, doc/log_format.md.
const BLOCK = 32 * 1024;
const HEADER = 7;
const [FULL, FIRST, MIDDLE, LAST] = [1, 2, 3, 4];

/** The records of a file in LevelDB's log format: writes in a log, file changes in a manifest. */
export interface Log {
  records: Buffer[];
  /** The offset of the first damage. A file that ends within a record is not damaged: its process was killed. */
  damagedAt?: number;
}

/** Reads a log and verifies every checksum. */
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
 * Zeroes damaged blocks of a log, since LevelDB's repair would trust them otherwise.
 * @returns whether there are any
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

/** All complete parts of records. After a damaged one it continues at the next block, since its length may be wrong. */
function* partsOf(bytes: Buffer): Iterable<Part> {
  for (let at = 0; at < bytes.length; ) {
    const limit = blockEnd(at);
    if (limit - at < HEADER) {
      // No header fits: the rest of the block is padding.
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

/** After a power cut, a file system may have allocated space that was never written. */
const isEmptyFrom = (bytes: Buffer, at: number): boolean =>
  bytes[at + 6] === 0 && bytes.subarray(at).every((byte) => byte === 0);
