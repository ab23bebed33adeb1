import { clipped, escaped, widthOf } from './text.ts';

/** The style of a span. */
export interface Style {
  color?: string;
  bold?: boolean;
  dim?: boolean;
  inverse?: boolean;
}

/** A piece of a line with one style. */
export interface Span extends Style {
  text: string;
}

/** One row of the screen. */
export type Line = readonly Span[];

/** Creates a span. There is no other way to, so all shown text is escaped. */
export const span = (text: string, style: Style = {}): Span => ({ text: escaped(text), ...style });

/** The text of a line, without styles. */
export const plain = (line: Line): string => line.map(({ text }) => text).join('');

/** Cuts or pads a line to a number of columns. */
export function fitted(line: Line, columns: number): Line {
  const fit: Span[] = [];
  let left = columns;
  for (const each of line) {
    const text = clipped(each.text, left);
    left -= widthOf(text);
    if (text !== '') fit.push({ ...each, text });
    if (text !== each.text) break;
  }
  return left > 0 ? [...fit, { text: ' '.repeat(left) }] : fit;
}

/** Puts two pieces on one line, the second right-aligned. The first is cut if both don't fit. */
export function spread(start: Line, end: Line, columns: number): Line {
  const right = fitted(end, Math.min(columns, widthOf(plain(end))));
  return [...fitted(start, columns - widthOf(plain(right))), ...right];
}

// Legible on dark and light backgrounds in any terminal. Red is for failures.
const COLORS = ['cyan', 'green', 'yellow', 'magenta', 'blueBright', 'cyanBright', 'magentaBright'] as const;

/** The colour of a name, the same everywhere. */
export function colorOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[hash % COLORS.length] ?? 'cyan';
}
