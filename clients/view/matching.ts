// Letters of which Unicode doesn't say what they are without their stroke or as two.
const LETTERS: Record<string, string> = {
  ...{ ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ŧ: 't', ı: 'i', ə: 'e' },
  ...{ æ: 'ae', œ: 'oe', þ: 'th' },
};

// Accents, Arabic vowel signs, Hebrew points: what one leaves out when typing. Vowels of Indic scripts are no such marks.
const MARKS = /\p{Script=Inherited}|[\u0591-\u05c7\u0640]/gu;

/** A name as it is compared when somebody looks for it: without case, accents and forms of width. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(MARKS, '')
    // `ß` is `SS` in capitals.
    .toUpperCase()
    .toLowerCase()
    .replace(/\P{ASCII}/gu, (each) => LETTERS[each] ?? each);

// Letters that look like Latin ones, and what they look like.
const LOOKS = new Map(
  ['авекмнорстухіјѕһԁӏ', 'αβεηικνορτυχγ', '01i|'].flatMap((letters, index) =>
    [...letters].map(
      (letter, at) => [letter, ['abekmhopctyxljshdl', 'abenlkvoptuxy', 'olll'][index]?.[at]] as const,
    ),
  ),
);

// Greek capitals that look like other letters than the small ones, as which they are compared.
const CAPITALS: Record<string, string> = { Ζ: 'z', Η: 'h', Μ: 'm', Ν: 'n', Υ: 'y' };

const UNSEEN = /[\s\u2800\p{Default_Ignorable_Code_Point}]/gu;

/** What a name looks like: the same for two that people would take for one. */
export const likenessOf = (name: string): string =>
  folded(name.normalize('NFKD').replace(/[ΖΗΜΝΥ]/gu, (each) => CAPITALS[each] ?? each))
    .replace(UNSEEN, '')
    .replace(/[^a-hj-z]/gu, (each) => LOOKS.get(each) ?? each);

/** Whether every word that was typed is in one of the names. @param words folded */
export const matches = (words: readonly string[], names: readonly string[]): boolean =>
  words.every((word) => names.some((name) => name.includes(word)));

/** The words to look for. */
export const wordsOf = (typed: string): string[] => folded(typed).split(/\s+/u).filter(Boolean);
