import type { Readable } from 'node:stream';

/**
 * The lines of a text, divided by line feeds alone, a carriage return before one taken off. `node:readline` also divides
 * at a bare carriage return: half a message would be sent, and its rest to whoever has its first word for a name.
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
