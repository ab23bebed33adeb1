import { expect, test } from 'vitest';
import { brokenRules } from './lint.ts';

const PROPERTY = 'noJsRestrictedProperties';
const GLOBAL = 'noRestrictedGlobals';

/** What is written in a rule, and what refuses it: the same input must have the same outcome, wherever it runs. */
const refused: [code: string, rule: string][] = [
  ['export const a = Date.now();', PROPERTY],
  ['export const { now } = Date;', PROPERTY],
  ['export const a = Math.random();', PROPERTY],
  ['export const a = new Date();', 'plugin'],
  ['export const a = Date();', 'plugin'],
  ['export const a = crypto.randomUUID();', GLOBAL],
  ['export const a = performance.now();', GLOBAL],
  ['export const a = process.env.A;', GLOBAL],
];
const accepted = 'export const a = (at: number) => new Date(at).toISOString();';
const folders = ['protocol', 'chat', 'chat/messages'];

const snippets = folders.flatMap((folder) =>
  [...refused.map(([code]) => code), accepted].map((code) => ({ path: `${folder}/a.ts`, code })),
);
const rules = brokenRules(snippets);

test.each(snippets.map((snippet, index) => ({ ...snippet, index })))('in $path: $code', ({ code, index }) => {
  const rule = refused.find(([each]) => each === code)?.[1];
  expect(rules[index]).toEqual(rule === undefined ? [] : [rule]);
});
