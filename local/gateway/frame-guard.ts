import type { Duplex } from 'node:stream';

const DATA_OPCODES = new Set([0, 1, 2]);

/**
 * Watches the headers of incoming frames, since `ws` only reports whole messages: API Gateway closes a connection with 1009
 * for a single frame over 32 KB, even if the message as a whole would be allowed.
 * @param onData called with the payload size of each data frame, in bytes
 */
export function watchFrames(socket: Duplex, onData: (bytes: number) => void): void {
  let header = Buffer.alloc(0);
  let skip = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (skip > 0) {
        const passed = Math.min(skip, rest.length);
        skip -= passed;
        rest = rest.subarray(passed);
        continue;
      }
      // A header has at most 14 bytes; the excess belongs to the payload and counts as skipped.
      const before = header.length;
      header = Buffer.concat([header, rest.subarray(0, 14 - before)]);
      const frame = parse(header);
      if (frame === undefined) return;
      if (DATA_OPCODES.has(frame.opcode)) onData(frame.payload);
      rest = rest.subarray(frame.header - before);
      header = Buffer.alloc(0);
      skip = frame.payload;
    }
  });
}

/** The header's size, the payload's, and the opcode (RFC 6455, 5.2); undefined while bytes are missing. */
function parse(bytes: Buffer): { header: number; payload: number; opcode: number } | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const short = second & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const header = 2 + extended + (second & 0x80 ? 4 : 0);
  if (bytes.length < header) return undefined;
  const payload =
    extended === 2 ? bytes.readUInt16BE(2) : extended === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  return { header, payload, opcode: first & 0x0f };
}
