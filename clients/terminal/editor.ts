import { graphemes } from './text.ts';

/** A key as `node:readline` reports it, and whether it was pasted. */
export interface Key {
  /** The text that it inserts; absent for keys like `left`. */
  text?: string;
  name?: string;
  ctrl?: boolean;
  meta?: boolean;
  shift?: boolean;
  isPasted?: boolean;
}

/** The line being edited, in graphemes, and the history of sent lines. */
export interface Editor {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly history: readonly string[];
  /** The index of the shown line in the history; the history's length for none. */
  readonly at: number;
  /** The line that was being edited before the user went through the history. */
  readonly draft: string;
}

const MOST_HISTORY = 200;

export const emptyEditor: Editor = { before: [], after: [], history: [], at: 0, draft: '' };

export const textOf = ({ before, after }: Editor): string => [...before, ...after].join('');

/** Another line to edit, with the same history. */
export const withText = ({ history }: Editor, text: string): Editor => ({
  ...emptyEditor,
  ...{ history, at: history.length, before: graphemes(text) },
});

/** Adds the sent line to the history, and starts a new one. @param isKept false if the line must not come back */
export function submitted(editor: Editor, isKept = true): Editor {
  const text = textOf(editor);
  const isNews = isKept && text !== '' && text !== editor.history.at(-1);
  const history = isNews ? [...editor.history, text].slice(-MOST_HISTORY) : editor.history;
  return { ...emptyEditor, history, at: history.length };
}

/** Applies a key. @returns the same object if the key has no effect */
export function edited(editor: Editor, key: Key): Editor {
  const write = writtenBy(key);
  // Split again, since a combining accent joins the letter before it.
  if (write !== '') return { ...editor, before: graphemes(editor.before.join('') + write) };
  return moves[nameOf(key)]?.(editor) ?? editor;
}

function writtenBy({ text = '', ctrl, meta, isPasted }: Key): string {
  if (isPasted) return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  return ctrl || meta || /^\p{Cc}/u.test(text) ? '' : text;
}

const nameOf = ({ name = '', ctrl, meta }: Key) => `${ctrl ? 'ctrl-' : ''}${meta ? 'alt-' : ''}${name}`;

type Move = (editor: Editor) => Editor;

/** Moves the cursor to a position. */
const at =
  (place: (editor: Editor) => number): Move =>
  (editor) => {
    const all = [...editor.before, ...editor.after];
    const index = Math.max(0, Math.min(all.length, place(editor)));
    return { ...editor, before: all.slice(0, index), after: all.slice(index) };
  };

const cut =
  (keep: (editor: Editor) => Pick<Editor, 'before' | 'after'>): Move =>
  (editor) => ({ ...editor, ...keep(editor) });

/** The start of the word before the cursor. */
function wordStart({ before }: Editor): number {
  let index = before.length;
  while (index > 0 && before[index - 1] === ' ') index -= 1;
  while (index > 0 && before[index - 1] !== ' ') index -= 1;
  return index;
}

/** The end of the word after the cursor. */
function wordEnd({ before, after }: Editor): number {
  let index = 0;
  while (after[index] === ' ') index += 1;
  while (index < after.length && after[index] !== ' ') index += 1;
  return before.length + index;
}

const recalled =
  (by: -1 | 1): Move =>
  (editor) => {
    const { history, at } = editor;
    const next = at + by;
    if (next < 0 || next > history.length) return editor;
    const draft = at === history.length ? textOf(editor) : editor.draft;
    const before = graphemes(next === history.length ? draft : (history[next] ?? ''));
    return { ...editor, before, after: [], at: next, draft };
  };

const left = at(({ before }) => before.length - 1);
const right = at(({ before }) => before.length + 1);
const home = at(() => 0);
const end = at(({ before, after }) => before.length + after.length);
const backspace = cut(({ before, after }) => ({ before: before.slice(0, -1), after }));
const erase = cut(({ before, after }) => ({ before, after: after.slice(1) }));
const eraseWord = cut((editor) => ({
  before: editor.before.slice(0, wordStart(editor)),
  after: editor.after,
}));

const moves: Record<string, Move> = {
  ...{ left, right, home, end, backspace, delete: erase, up: recalled(-1), down: recalled(1) },
  ...{ 'ctrl-b': left, 'ctrl-f': right, 'ctrl-a': home, 'ctrl-e': end },
  ...{ 'ctrl-h': backspace, 'ctrl-d': erase, 'ctrl-w': eraseWord, 'alt-backspace': eraseWord },
  ...{ 'ctrl-left': at(wordStart), 'alt-left': at(wordStart), 'alt-b': at(wordStart) },
  ...{ 'ctrl-right': at(wordEnd), 'alt-right': at(wordEnd), 'alt-f': at(wordEnd) },
  'ctrl-u': cut(({ after }) => ({ before: [], after })),
  'ctrl-k': cut(({ before }) => ({ before, after: [] })),
};
