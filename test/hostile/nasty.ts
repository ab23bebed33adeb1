import fc from 'fast-check';
import { anyText } from '../protocol/any-text.ts';
import { groups, people } from './values.ts';

const KIB = 1024;

const prototypeKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
];

/** Strings that harm programs which build expressions, paths, templates, logs or queries of text. */
const injections = [
  '#a = :b',
  'attribute_exists(x)',
  'attribute_not_exists(#n) OR #n = :n',
  'SET #x = :y REMOVE z',
  ':last',
  '#name',
  '$default',
  '$connect',
  '$disconnect',
  '${' + 'request.body}',
  '{{x}}',
  "' OR 1=1 --",
  '../../etc/passwd',
  '%00%2e%2e',
  'a\r\nb',
  '\u001b[2J',
  '\u2028\u2029',
];

/** Letters that look like others, fold to others, or are invisible. */
const lookAlikes: Readonly<Record<string, string>> = {
  a: '\u0430',
  b: '\u13cf',
  c: '\u0441',
  d: '\uff44',
  e: '\u0435',
  l: '\u0406',
  n: 'n\u200b',
  o: '\u03bf',
  r: 'r\u0301',
  s: '\u017f',
  u: 'u\ufeff',
};

const disguise = (word: string): string =>
  [...word].map((char) => lookAlikes[char.toLowerCase()] ?? char).join('');

/** Words that look like this one, or fold to it, and differ. */
export const likenesses = (word: string): string[] => [
  disguise(word),
  word.replace(/k/i, '\u212a'),
  word.replace(/s/i, '\u017f'),
  `${word}\u0000`,
  `\u200b${word}`,
  `\u202e${word}`,
  `${word}\ud800`,
  word.toUpperCase(),
  ` ${word}\t`,
];

/** One of them. */
export const likeWord = (word: string): fc.Arbitrary<string> => fc.constantFrom(...likenesses(word));

const length = fc.oneof(
  { arbitrary: fc.integer({ min: 30, max: 70 }), weight: 6 },
  { arbitrary: fc.integer({ min: 16 * KIB - 2, max: 16 * KIB + 2 }), weight: 2 },
  { arbitrary: fc.integer({ min: 1, max: 128 * KIB }), weight: 1 },
);
const repeated = fc
  .tuple(fc.constantFrom('x', '\u0000', '😀', '"', '\\', ' ', '\ud800', '{', 'é', ','), length)
  .map(([unit, count]) => unit.repeat(Math.ceil(count / Buffer.byteLength(unit))));

/** Any string that a program might mishandle. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...prototypeKeys),
  fc.constantFrom(...injections),
  fc.constantFrom(...people, ...groups, 'login').chain(likeWord),
  fc.constantFrom('', ' ', '\u0000', '\ud800', '\udc00\ud800', '\ufeff', 'null', 'true', '-1', '1e308'),
  anyText({ maxLength: 40 }),
  repeated,
);

/** JSON numbers beyond the range of a program. */
const numbers = [
  '-0',
  '-1',
  '0.5',
  '1e308',
  '-1e308',
  '1e999',
  '-1e999',
  '5e-324',
  '9007199254740993',
  '123456789012345678901234567890',
  '1E400',
  '4294967296',
];

const depth = fc.oneof(
  { arbitrary: fc.integer({ min: 2, max: 100 }), weight: 4 },
  { arbitrary: fc.constantFrom(1_000, 5_000, 10_000), weight: 1 },
);
const nested = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}'], ['[{"__proto__":', '}]']), depth)
  .map(([[open = '', close = ''], levels]) => `${open.repeat(levels)}1${close.repeat(levels)}`);

const objects = prototypeKeys.map((key) => `{"${key}":{"polluted":true,"username":"ann"}}`);
const attributes = [
  '{"S":"ann"}',
  '{"NULL":true}',
  '{"M":{}}',
  '{"$gt":""}',
  '{"length":1}',
  '[[]]',
  '[null]',
];
const many = fc.integer({ min: 90, max: 2_000 }).map((count) => JSON.stringify(Array(count).fill('ann')));
const manyKeys = fc
  .integer({ min: 290, max: 1_500 })
  .map((count) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`#g${at}`, at]))),
  );

/** A JSON value, most often of another kind than the expected one. */
export const nastyJson: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: nastyText.map((text) => JSON.stringify(text)), weight: 5 },
  { arbitrary: fc.constantFrom(...numbers), weight: 3 },
  { arbitrary: fc.constantFrom('null', 'true', 'false', '[]', '{}', '""'), weight: 3 },
  { arbitrary: fc.constantFrom(...objects, ...attributes), weight: 2 },
  { arbitrary: fc.oneof(many, manyKeys), weight: 1 },
  { arbitrary: nested, weight: 1 },
);
