import { crc32c, masked } from './crc32c.ts';
import { Reader } from './reader.ts';
import { unsnapped } from './snappy.ts';

// Source: LevelDB, doc/table_format.md.
const FOOTER = 48;
const TRAILER = 5;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');

// A compression type that no block has.
const UNREADABLE = 0xff;

/** @returns a description of a table's damage; undefined if there is none */
export function damageOfTable(bytes: Buffer): string | undefined {
  if (bytes.length < FOOTER || !bytes.subarray(-8).equals(MAGIC)) return 'does not end as it should';
  const [bad] = damagedBlocks(bytes);
  return bad && `has a wrong checksum in the block at byte ${bad.at}`;
}

/**
 * Marks damaged blocks of a table, since LevelDB would serve them otherwise.
 * @returns whether there are any
 */
export function markDamage(bytes: Buffer): boolean {
  if (bytes.length < FOOTER) return false;
  const kinds = damagedBlocks(bytes).map(({ at, size }) => at + size);
  for (const kind of kinds) if (kind < bytes.length) bytes[kind] = UNREADABLE;
  return kinds.length > 0;
}

/** Only these parts are checked: nothing reads the bytes between blocks and the rest of the footer. */
function damagedBlocks(bytes: Buffer): Place[] {
  const footer = new Reader(bytes.subarray(-FOOTER));
  const roots = [placeOf(footer), placeOf(footer)];
  const leaves = roots.flatMap((root) => (isWhole(bytes, root) ? placesIn(contentOf(bytes, root)) : []));
  return [...roots, ...leaves].filter((place) => !isWhole(bytes, place));
}

interface Place {
  at: number;
  size: number;
}

function placeOf(reader: Reader): Place {
  return { at: reader.varint(), size: reader.varint() };
}

function isWhole(bytes: Buffer, { at, size }: Place): boolean {
  const kind = at + size;
  if (kind + TRAILER > bytes.length) return false;
  return bytes.readUInt32LE(kind + 1) === masked(crc32c(bytes, at, kind + 1));
}

function contentOf(bytes: Buffer, { at, size }: Place): Buffer {
  const block = bytes.subarray(at, at + size);
  return bytes[at + size] === 0 ? block : unsnapped(block);
}

/** The entries of an index block: the positions of other blocks. */
function placesIn(block: Buffer): Place[] {
  const restarts = block.readUInt32LE(block.length - 4);
  const reader = new Reader(block.subarray(0, block.length - 4 * (restarts + 1)));
  const places: Place[] = [];
  while (!reader.isAtEnd) {
    reader.varint();
    const [keyLength, valueLength] = [reader.varint(), reader.varint()];
    reader.slice(keyLength);
    places.push(placeOf(new Reader(reader.slice(valueLength))));
  }
  return places;
}
