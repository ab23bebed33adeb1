import fc from 'fast-check';

export const FAMILY = '👩‍👩‍👧';
export const ACCENT = 'e\u0301';

/** One character each, of one column or two, in one code unit or many. */
export const letters = ['a', '世', FAMILY, ACCENT, '한', '🇩🇪', 'ש'] as const;

/** Any code unit, half a character too; and what terminals and lines have trouble with. */
export const anyUnit = fc.oneof(
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(...letters, '\u202e', '\u2028', '\ufeff', '\u0301', '\u200d', '\ufe0f', '\u001b[2J'),
);
