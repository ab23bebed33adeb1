import stringWidth from 'string-width';

// Characters that control a terminal: control characters, bidirectional overrides, and line separators.
const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Makes untrusted text safe to print: characters that control or reorder are shown as escapes like `\x1b`. */
export const escaped = (text: string): string =>
  text.replaceAll('\t', '    ').replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });

/** Makes JSON safe to print: programs read the escapes as the same. Its own line breaks stay. */
export const escapedJson = (json: string): string =>
  json.replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Splits a text into graphemes: a letter with its accents is one, and so is a family emoji. */
export const graphemes = (text: string): string[] =>
  // Fast path for plain ASCII.
  /^[\x20-\x7e]*$/.test(text) ? text.split('') : [...segmenter.segment(text)].map(({ segment }) => segment);

/** The width of a text in a terminal, in columns. */
export const widthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);

/** Cuts a text to a width; a cut text ends in `…`. */
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

/** Wraps a text to a width, between words if possible. Drops graphemes that are wider than a line. */
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
    // The space at a line break belongs to neither line.
    if (isFull && grapheme === ' ') continue;
    row.push(grapheme);
    used += width;
  }
  return [...lines, row.join('')];
}
