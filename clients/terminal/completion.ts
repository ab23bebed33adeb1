import type { Row } from '../view/view.ts';
import { wordFor } from './host.ts';

/** A line as far as it can be completed, and what it could become if that is not clear. */
interface Completion {
  line: string;
  choices: readonly string[];
}

/**
 * Completes the last word of a command line: the command, or the name of a chat.
 * @param commands all words for commands, without the slash
 * @returns undefined if there is nothing like it
 */
export function completed(
  line: string,
  commands: readonly string[],
  rows: readonly Row[],
): Completion | undefined {
  const [, before = '', word = ''] = /^(.*\s)?(\S*)$/s.exec(line) ?? [];
  const names = before === '' ? commands.map((each) => `/${each}`) : rows.map(wordFor);
  // Who leaves out the sign of a group means it, too.
  const isOne = (name: string) => [name, name.replace(/^#/, '')].some((each) => startsWith(each, word));
  const choices = [...new Set(names.filter(isOne))].sort();
  const [first, ...others] = choices;
  if (first === undefined) return undefined;
  if (others.length === 0) return { line: `${before}${first} `, choices: [] };
  const start = others.reduce(commonStart, first);
  return { line: `${before}${startsWith(start, word) ? start : word}`, choices };
}

const startsWith = (name: string, start: string): boolean =>
  name.toLowerCase().startsWith(start.toLowerCase());

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return one.slice(0, length);
}
