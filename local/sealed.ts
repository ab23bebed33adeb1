import { crc32c } from './engine/leveldb/crc32c.ts';

/** A line with a checksum behind it. */
export const sealed = (text: string): string => `${text} ${sumOf(text)}\n`;

/** @returns what was sealed; undefined if that is not what it says */
export function unsealed(line: string): string | undefined {
  const text = line.slice(0, -10);
  return line === sealed(text) ? text : undefined;
}

const sumOf = (text: string): string => crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
