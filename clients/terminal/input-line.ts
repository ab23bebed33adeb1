import type { Editor } from './editor.ts';
import { type Line, span } from './line.ts';
import { escaped, widthOf } from './text.ts';

const PROMPT = '> ';

/** Returns the line being edited, scrolled so that the cursor is visible, and the cursor's column. */
export function inputLine({ before, after }: Editor, columns: number): [line: Line, cursor: number] {
  const room = Math.max(1, columns - PROMPT.length - 1);
  const start: string[] = [];
  let used = 0;
  for (const grapheme of before.toReversed().map(shown)) {
    used += widthOf(grapheme);
    if (used > room) break;
    start.unshift(grapheme);
  }
  const text = start.join('');
  const rest = after.slice(0, room).map(shown).join('');
  // The layout cuts what does not fit at the end.
  return [[span(PROMPT, { bold: true }), span(text + rest)], PROMPT.length + widthOf(text)];
}

const shown = (grapheme: string): string => (grapheme === '\n' ? '⏎' : escaped(grapheme));
