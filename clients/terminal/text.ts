import stringWidth from 'string-width';

// What commands a terminal; beside control characters, what turns the direction of the text after it, and what breaks a line.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text of others, fit for a terminal: what would command it or reorder it is shown as an escape, `\x1b`. */
export const escaped = (text: string): string =>
  text.replaceAll('\t', '    ').replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });

/** JSON, as somebody may look at it in a terminal; to a program an escape is the same. Its own line breaks stay. */
export const escapedJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What a person sees as characters: a letter with its accents is one, and so is a family. */
export const graphemes = (text: string): string[] =>
  // One for one, if all of it is plain.
  /^[\x20-\x7e]*$/.test(text) ? text.split('') : [...segmenter.segment(text)].map(({ segment }) => segment);

/** Columns that it takes in a terminal. */
export const widthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);

/** As much of its beginning as fits; what is cut ends in `…`. */
export function clipped(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let clip = '';
  let used = 1;
  for (const grapheme of graphemes(text)) {
    used += widthOf(grapheme);
    if (used > columns) break;
    clip += grapheme;
  }
  return columns > 0 ? `${clip}…` : '';
}

/** Lines of at most so many columns, broken between words where that is possible. What is wider than a line is left out. */
export const wrapped = (text: string, columns: number): string[] =>
  text.split('\n').flatMap((line) => (widthOf(line) <= columns ? [line] : broken(line, columns)));

function broken(line: string, columns: number): string[] {
  const lines: string[] = [];
  let row: string[] = [];
  let used = 0;
  for (const grapheme of graphemes(line)) {
    const width = widthOf(grapheme);
    if (width > columns) continue;
    const isFull = used + width > columns;
    while (row.length > 0 && used + width > columns) {
      const end = grapheme === ' ' ? row.length : row.lastIndexOf(' ') + 1 || row.length;
      lines.push(row.slice(0, end).join('').trimEnd());
      row = row.slice(end);
      used = widthOf(row.join(''));
    }
    // The space at which a line is broken is in neither half.
    if (isFull && grapheme === ' ') continue;
    row.push(grapheme);
    used += width;
  }
  return [...lines, row.join('')];
}
