import { clipped, escaped, widthOf } from './text.ts';

/** How a piece of a line looks. */
export interface Style {
  color?: string;
  bold?: boolean;
  dim?: boolean;
  inverse?: boolean;
}

/** A piece of a line. */
export interface Span extends Style {
  text: string;
}

/** One row of the screen. */
export type Line = readonly Span[];

/** The only way to a span, so that whatever is shown is escaped. */
export const span = (text: string, style: Style = {}): Span => ({ text: escaped(text), ...style });

/** What it says, without how it looks. */
export const plain = (line: Line): string => line.map(({ text }) => text).join('');

/** The line at exactly so many columns: cut, or filled with spaces. */
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

/** Both on one line, the second at its end; the first gives way. */
export function spread(start: Line, end: Line, columns: number): Line {
  const right = fitted(end, Math.min(columns, widthOf(plain(end))));
  return [...fitted(start, columns - widthOf(plain(right))), ...right];
}

// Legible on dark and on light, in any terminal; red is for what failed.
const COLORS = ['cyan', 'green', 'yellow', 'magenta', 'blueBright', 'cyanBright', 'magentaBright'] as const;

/** A colour that a name has everywhere. */
export function colorOf(name: string): string {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return COLORS[hash % COLORS.length] ?? 'cyan';
}
