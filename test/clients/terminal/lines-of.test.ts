import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesOf } from '../../../clients/terminal/lines-of.ts';

async function linesIn(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks, { objectMode: false }))) lines.push(line);
  return lines;
}

test('a line ends at a line feed and nowhere else, however it comes', async () => {
  expect(await linesIn('bob one\u2028two\u2029three\rfour\u0085five\nbob six\r\n\nlast')).toEqual([
    'bob one\u2028two\u2029three\rfour\u0085five',
    'bob six',
    '',
    'last',
  ]);
  const bytes = Buffer.from('bob wörld 👩‍👩‍👧\nann\n');
  for (let at = 0; at <= bytes.length; at++)
    expect(await linesIn(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['bob wörld 👩‍👩‍👧', 'ann']);
});

test('empty input has no line', async () => {
  expect(await linesIn()).toEqual([]);
  expect(await linesIn('a\n')).toEqual(['a']);
});
