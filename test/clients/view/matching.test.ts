import { expect, test } from 'vitest';
import { folded, matches, wordsOf } from '../../../clients/view/matching.ts';

const finds = (typed: string, ...names: string[]) => matches(wordsOf(typed), names.map(folded));

test.each([
  ['lukasz', 'Zoë Łukasz'],
  ['ZOE', 'Zoë Łukasz'],
  ['zoë', 'Zoe'],
  ['luk zo', 'Zoë Łukasz'],
  ['strasse', 'Straße'],
  ['øre', 'Ore'],
  ['aether', 'Æther'],
  ['μενελαος', 'Μενέλαος'],
  ['ΜΕΝΈΛΑΟΣ', 'Μενέλαος'],
  ['елка', 'Ёлка'],
  ['محمد', 'مُحَمَّد علي'],
  ['שלום', 'שָׁלוֹם'],
  ['王', '王小明'],
  ['ﾊﾝ', 'ハン'],
  ['한', '한국'],
  ['istanbul', 'İstanbul'],
  ['#team', '#Team'],
])('"%s" finds "%s"', (typed, name) => expect(finds(typed, name)).toBe(true));

test.each([
  ['bob', 'Alice'],
  ['zoe bob', 'Zoë Łukasz'],
  // Vowels of Indic scripts are no accents.
  ['के', 'का'],
])('"%s" does not find "%s"', (typed, name) => expect(finds(typed, name)).toBe(false));

test('each word may be in the name or the id', () => {
  expect(finds('al wonder', 'alice', 'Wonderland')).toBe(true);
  expect(finds('', 'alice')).toBe(true);
});
