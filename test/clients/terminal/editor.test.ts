import { expect, test } from 'vitest';
import {
  type Editor,
  edited,
  emptyEditor,
  type Key,
  submitted,
  textOf,
} from '../../../clients/terminal/editor.ts';

/** Keys by their names, and everything else as it is written. */
const NAMED = /^(ctrl-|alt-)?(left|right|home|end|backspace|delete|up|down|[abdefhkuw])$/;

function keyOf(word: string): Key {
  const [, modifier, name] = /^(ctrl-|alt-)(.*)$/.exec(word) ?? [];
  if (name) return { name, ctrl: modifier === 'ctrl-', meta: modifier === 'alt-' };
  return word.length > 1 && NAMED.test(word) ? { name: word } : { text: word };
}

const after = (editor: Editor, ...words: string[]): Editor => words.map(keyOf).reduce(edited, editor);

/** The line with `|` where the cursor is. */
const seen = ({ before, after }: Editor): string => `${before.join('')}|${after.join('')}`;

const typed = (...words: string[]): string => seen(after(emptyEditor, ...words));

test('typed text is inserted at the cursor', () => {
  expect(typed('a', 'c', 'left', 'b')).toBe('ab|c');
  expect(typed('b', 'home', 'a', 'end', 'c')).toBe('abc|');
  expect(typed('left', 'right', 'delete', 'backspace')).toBe('|');
});

test('the cursor moves over what a person sees as one character', () => {
  expect(typed('a', '👩‍👩‍👧', 'left')).toBe('a|👩‍👩‍👧');
  expect(typed('a', '👩‍👩‍👧', 'backspace')).toBe('a|');
  expect(typed('x', 'e', '\u0301', 'left')).toBe('x|e\u0301');
});

test('the cursor moves by words, and words are deleted', () => {
  const line = [...'one two  three'];
  expect(typed(...line, 'ctrl-left')).toBe('one two  |three');
  expect(typed(...line, 'alt-b', 'alt-b', 'alt-f')).toBe('one two|  three');
  expect(typed(...line, 'ctrl-w')).toBe('one two  |');
  expect(typed(...line, 'ctrl-w', 'alt-backspace')).toBe('one |');
});

test('the line is deleted up to the cursor, or from it', () => {
  expect(typed(...'abc', 'left', 'ctrl-u')).toBe('|c');
  expect(typed(...'abc', 'left', 'ctrl-k')).toBe('ab|');
  expect(typed(...'abc', 'ctrl-a', 'ctrl-d')).toBe('|bc');
});

test('earlier lines come back, and so does the unfinished one', () => {
  const editor = submitted(after(submitted(after(emptyEditor, 'a')), 'b'));
  expect(textOf(editor)).toBe('');
  const up = after(editor, 'c', 'up');
  expect(seen(up)).toBe('b|');
  expect(seen(after(up, 'up', 'up'))).toBe('a|');
  expect(seen(after(up, 'down'))).toBe('c|');
  expect(seen(after(up, 'down', 'down'))).toBe('c|');
});

test('the same line twice is one line of history', () => {
  const editor = submitted(after(submitted(after(emptyEditor, 'a')), 'a'));
  expect(editor.history).toEqual(['a']);
});

test('pasted text keeps its lines, and is one step', () => {
  const editor = edited(emptyEditor, { text: 'one\r\ntwo\rthree', isPasted: true });
  expect(textOf(editor)).toBe('one\ntwo\nthree');
});

test('keys without a meaning change nothing', () => {
  for (const key of [
    { name: 'f5' },
    { text: '\u001b' },
    { name: 'x', ctrl: true, text: 'x' },
    { name: 'constructor' },
  ])
    expect(edited(emptyEditor, key)).toBe(emptyEditor);
});
