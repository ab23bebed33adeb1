import type { Editor } from './editor.ts';
import { type Line, span } from './line.ts';
import type { ScreenView } from './screen-view.ts';
import { clipped, escaped, widthOf } from './text.ts';

const PROMPT = '> ';
// Columns for an answer, however long the question is.
const ANSWER = 8;

/** Returns the line being edited, or the question and its answer, and the cursor's column. */
export function inputLine(
  { editor, question }: Pick<ScreenView, 'editor' | 'question'>,
  columns: number,
): [line: Line, cursor: number] {
  if (!question) return edited(editor, PROMPT, columns);
  const { before, after } = question.editor;
  const answer = { before: before.map(hidden), after: after.map(hidden) };
  return edited(answer, clipped(escaped(question.text), Math.max(0, columns - ANSWER)), columns);
}

const hidden = () => '•';

/** Scrolled so that the cursor is visible. */
function edited(
  { before, after }: Pick<Editor, 'before' | 'after'>,
  prompt: string,
  columns: number,
): [line: Line, cursor: number] {
  const room = Math.max(1, columns - widthOf(prompt) - 1);
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
  return [[span(prompt, { bold: true }), span(text + rest)], widthOf(prompt) + widthOf(text)];
}

const shown = (grapheme: string): string => (grapheme === '\n' ? '⏎' : escaped(grapheme));
