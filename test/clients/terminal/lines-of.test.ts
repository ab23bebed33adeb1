import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type InputLine, linesOf } from '../../../clients/terminal/lines-of.ts';

async function linesIn(...chunks: (string | Buffer)[]): Promise<InputLine[]> {
  const lines: InputLine[] = [];
  for await (const line of linesOf(Readable.from(chunks, { objectMode: false }))) lines.push(line);
  return lines;
}

const textsIn = async (...chunks: (string | Buffer)[]) => (await linesIn(...chunks)).map(({ text }) => text);

test('a line ends at a line feed and nowhere else, however it comes', async () => {
  expect(await textsIn('bob one\u2028two\u2029three\rfour\u0085five\nbob six\r\n\nlast')).toEqual([
    'bob one\u2028two\u2029three\rfour\u0085five',
    'bob six',
    '',
    'last',
  ]);
  const bytes = Buffer.from('bob wörld 👩‍👩‍👧\nann\n');
  for (let at = 0; at <= bytes.length; at++)
    expect(await textsIn(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['bob wörld 👩‍👩‍👧', 'ann']);
});

test('empty input has no line', async () => {
  expect(await linesIn()).toEqual([]);
  expect(await linesIn('a\n')).toEqual([{ number: 1, text: 'a' }]);
});

test('lines are counted, and those that are no text have a problem', async () => {
  const bytes = [
    Buffer.from('bob one\n\nbob '),
    Buffer.from([0xc3]),
    Buffer.from([0x28, 0x0a]),
    Buffer.from('a\0b\nbob last'),
  ];
  expect(await linesIn(...bytes)).toEqual([
    { number: 1, text: 'bob one' },
    { number: 2, text: '' },
    { number: 3, text: 'bob \ufffd(', problem: 'This line is not valid UTF-8.' },
    { number: 4, text: 'a\0b', problem: expect.stringContaining('NUL') },
    { number: 5, text: 'bob last' },
  ]);
});

test('a line that is too long is dropped, however it comes, and the next one is read', async () => {
  const long = 'x'.repeat(1_000_000);
  for (const chunks of [[`${long}\nbob last\n`], [long, long, long, '\nbob', ' last']]) {
    const [first, second] = await linesIn(...chunks);
    expect(first).toMatchObject({ number: 1, problem: expect.stringContaining('too long') });
    expect(second).toEqual({ number: 2, text: 'bob last' });
  }
  const [fits] = await linesIn(`bob ${'x'.repeat(16 * 1024)}\n`);
  expect(fits).not.toHaveProperty('problem');
});
