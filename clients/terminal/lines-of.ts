import type { Readable } from 'node:stream';

/** A line of the input, without its end. */
export interface InputLine {
  /** From 1. */
  number: number;
  /** What it says; of one that cannot be used, its beginning. */
  text: string;
  /** Why it cannot be used. */
  problem?: string;
}

// Nothing that is sent is as long: a message has at most 16 KiB.
const MOST_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Splits bytes at line feeds only, and removes a carriage return before each. `node:readline` also splits at a lone
 * carriage return: that would send half a message, and the rest to whoever is named by its first word.
 */
export async function* linesOf(input: Readable): AsyncGenerator<InputLine> {
  let number = 0;
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer) => {
    // The rest of a line that is too long is not kept.
    if (size <= MOST_BYTES) parts.push(part);
    size += part.length;
  };
  const line = (): InputLine => {
    const bytes = Buffer.concat(parts);
    const isTooLong = size > MOST_BYTES;
    parts = [];
    size = 0;
    number += 1;
    return { number, ...read(bytes, isTooLong) };
  };
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk as Buffer);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      add(bytes.subarray(start, end));
      yield line();
      start = end + 1;
    }
    if (start < bytes.length) add(bytes.subarray(start));
  }
  if (size > 0) yield line();
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function read(bytes: Buffer, isTooLong: boolean): Omit<InputLine, 'number'> {
  const line = bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes;
  if (isTooLong)
    return { text: line.toString(), problem: 'The line is too long: a message has at most 16 KiB.' };
  try {
    const text = strict.decode(line);
    return text.includes('\0') ? { text, problem: 'There is a NUL in this line: is it text?' } : { text };
  } catch {
    return { text: line.toString(), problem: 'This line is not valid UTF-8.' };
  }
}
