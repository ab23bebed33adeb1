import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clipped,
  escaped,
  escapedJson,
  graphemes,
  widthOf,
  wrapped,
} from '../../../clients/terminal/text.ts';
import { ACCENT, anyUnit, FAMILY, letters } from './units.ts';

// Plain, wide, combining, joined: what lines break on.
const anyText = fc.array(fc.constantFrom(...letters, ' ', 'word', '\n', '-')).map((parts) => parts.join(''));

test('terminal commands are shown as escapes', () => {
  expect(escaped('\u001b[2J\u0007\u007f\u009b31m')).toBe('\\x1b[2J\\x07\\x7f\\x9b31m');
  expect(escaped('a\r\nb')).toBe('a\\x0d\\x0ab');
});

test('characters that change the direction of text are shown as escapes', () => {
  expect(escaped('\u202etxt.exe \u2066\u200f')).toBe('\\u202etxt.exe \\u2066\\u200f');
});

test('other text is not changed', () => {
  for (const text of ['plain', '世界', FAMILY, ACCENT, '🇩🇪', 'שלום', '\\x1b'])
    expect(escaped(text)).toBe(text);
});

test('escaped text has no control character, and escaping it again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: anyUnit }), (text) => {
      expect(escaped(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
      expect(escaped(escaped(text))).toBe(escaped(text));
    }),
  );
});

test('a letter with its accent is one character, and so is an emoji of a family', () => {
  expect(graphemes(`a${ACCENT}${FAMILY}`)).toEqual(['a', ACCENT, FAMILY]);
  expect([...'a世'].map(widthOf)).toEqual([1, 2]);
  expect(widthOf(ACCENT)).toBe(1);
  expect(widthOf(FAMILY)).toBe(2);
});

test('text that is too long ends in an ellipsis', () => {
  expect(clipped('hello', 5)).toBe('hello');
  expect(clipped('hello!', 5)).toBe('hell…');
  expect(clipped('世界世', 4)).toBe('世…');
  expect(clipped('hello', 0)).toBe('');
});

test('lines break between words, and long words anywhere', () => {
  expect(wrapped('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrapped('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
  expect(wrapped('世界世界', 5)).toEqual(['世界', '世界']);
  expect(wrapped('a\n\nb', 5)).toEqual(['a', '', 'b']);
});

test('no line is wider than the limit, and each character is on one of them', () => {
  const bare = (text: string) => text.replaceAll(/\s/g, '');
  fc.assert(
    fc.property(anyText, fc.integer({ min: 2, max: 12 }), (text, columns) => {
      const lines = wrapped(text, columns);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      expect(bare(lines.join(''))).toBe(bare(text));
    }),
  );
});

test('a clip is never wider than it may be', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 12 }), (text, columns) => {
      const line = text.replaceAll('\n', '');
      expect(widthOf(clipped(line, columns))).toBeLessThanOrEqual(columns);
    }),
  );
});

test('JSON has the same content and no terminal commands, in lines or not', () => {
  const value = { content: '\u009b2J\u202e\u2028\u0000 ✓\n', list: ['\u0085'] };
  for (const indent of [0, 2]) {
    const text = escapedJson(JSON.stringify(value, null, indent));
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(text)).toEqual(value);
  }
});
