import type { Readable } from 'node:stream';

/**
 * Splits a text at line feeds only, and removes a carriage return before each. `node:readline` also splits at a lone
 * carriage return: that would send half a message, and the rest to whoever is named by its first word.
 */
export async function* linesOf(input: Readable): AsyncGenerator<string> {
  input.setEncoding('utf8');
  let rest = '';
  for await (const chunk of input as AsyncIterable<string>) {
    rest += chunk;
    if (!chunk.includes('\n')) continue;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}
