import { crc32c } from './engine/leveldb/crc32c.ts';

/** Adds a checksum to a line. */
export const sealed = (text: string): string => `${text} ${sumOf(text)}\n`;

/** @returns the sealed line; undefined if the checksum is wrong */
export function unsealed(line: string): string | undefined {
  const text = line.slice(0, -10);
  return line === sealed(text) ? text : undefined;
}

const sumOf = (text: string): string => crc32c(Buffer.from(text)).toString(16).padStart(8, '0');
