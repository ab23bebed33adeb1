import { Reader } from './reader.ts';

/** Decompresses a Snappy block (source: Snappy, format_description.txt). @throws Error if it is invalid */
export function unsnapped(bytes: Buffer): Buffer {
  const reader = new Reader(bytes);
  const out = Buffer.alloc(reader.varint());
  let at = 0;
  while (!reader.isAtEnd) {
    const tag = reader.byte();
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const length = 1 + (short < 60 ? short : reader.fixed(short - 59));
      at += reader.slice(length).copy(out, at);
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = kind === 1 ? ((tag >> 5) << 8) | reader.byte() : reader.fixed(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > at) throw new Error('has a block that does not decompress');
    // Byte by byte, since the copy may overlap its own output.
    for (const end = at + length; at < end; at++) out[at] = out[at - offset] as number;
  }
  return out;
}
