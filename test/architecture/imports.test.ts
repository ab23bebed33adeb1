import { describe, expect, test } from 'vitest';
import { brokenRules } from './lint.ts';

const use = (module: string) => `import { a } from '${module}';\nconsole.log(a);`;
const usingType = (module: string) => `import type { A } from '${module}';\nexport const a = (b: A) => b;`;

const IMPORT = 'noRestrictedImports';
const PROPERTY = 'noJsRestrictedProperties';
const GLOBAL = 'noRestrictedGlobals';

type Refused = [path: string, code: string, rule: string];

const folders = [
  ...['protocol', 'chat', 'store', 'lambdas', 'lib', 'local', 'client', 'terminal', 'cost', 'load'],
  ...['bin', 'bench', 'test', 'cli'],
];

/** Imports from all folders but the ones that a layer knows, from the layer itself and from a folder in it. */
const strangers = (layer: string, known: readonly string[]): Refused[] =>
  folders
    .filter((folder) => folder !== layer && !known.includes(folder))
    .flatMap((folder) => [
      [`${layer}/a.ts`, use(`../${folder}/index.ts`), IMPORT],
      [`${layer}/deep/a.ts`, use(`../../${folder}/index.ts`), IMPORT],
    ]);

/** A place, what is written there, and the rule that refuses it. */
const refused: Refused[] = [
  ...strangers('protocol', []),
  ...strangers('chat', ['protocol']),
  ...strangers('store', ['protocol', 'chat']),
  ...strangers('lambdas', ['protocol', 'chat', 'store']),
  ...strangers('lib', ['protocol']),
  ...strangers('client', ['protocol']),
  ...strangers('local', []),
  ...strangers('cost', ['local', 'cli']),
  ...strangers('load', ['local', 'cli']),
  ...strangers('cli', []),
  ...strangers('terminal', ['client', 'protocol', 'cli']),
  ...['chat', 'store', 'lambdas', 'lib', 'client'].map(
    (folder): Refused => [`${folder}/a.ts`, usingType('../protocol/read.ts'), IMPORT],
  ),
  ['chat/a.ts', usingType('../store/table.ts'), IMPORT],
  ['chat/a.ts', `export { a } from '../store/table.ts';`, IMPORT],
  ['chat/a.ts', `export const a = await import('../store/table.ts');`, IMPORT],
  ['test/e2e/a.ts', use('../../chat/ports.ts'), IMPORT],
  ['client/a.ts', use('../protocol/index.ts'), 'plugin'],
  ['client/a.ts', `export { limits } from '../protocol/index.ts';`, 'plugin'],
  ...['protocol', 'chat', 'store', 'lambdas'].map(
    (folder): Refused => [
      `${folder}/a.ts`,
      `import * as z from 'zod';\nexport const a = z.string();`,
      IMPORT,
    ],
  ),
  ...['protocol/a.ts', 'chat/a.ts'].flatMap((path): Refused[] => [
    [path, use('@aws-sdk/client-dynamodb'), IMPORT],
    [path, use('aws-lambda'), IMPORT],
    [path, use('node:crypto'), IMPORT],
    [path, use('node:timers/promises'), IMPORT],
    [path, 'export const a = Date.now();', PROPERTY],
    [path, 'export const { now } = Date;', PROPERTY],
    [path, 'export const a = Math.random();', PROPERTY],
    [path, 'export const a = new Date();', 'plugin'],
    [path, 'export const a = Date();', 'plugin'],
    [path, 'export const a = crypto.randomUUID();', GLOBAL],
    [path, 'export const a = performance.now();', GLOBAL],
    [path, 'export const a = process.env.A;', GLOBAL],
  ]),
];

/** What must stay possible, or the rules refuse everything. */
const accepted: [path: string, code: string][] = [
  ['protocol/commands/a.ts', use('../command.ts')],
  ['protocol/a.ts', `import * as z from 'zod/mini';\nexport const a = z.string();`],
  ['chat/a.ts', use('../protocol/index.ts')],
  ['chat/a.ts', use('./ports.ts')],
  ['chat/a.ts', 'export const a = (at: number) => new Date(at).toISOString();'],
  ['store/a.ts', usingType('../chat/ports.ts')],
  ['store/a.ts', use('@aws-sdk/client-dynamodb')],
  ['lambdas/a.ts', use('../store/names.ts')],
  ['lambdas/a.ts', use('../chat/login.ts')],
  ['lambdas/a.ts', use('../protocol/index.ts')],
  ['lib/a.ts', use('../protocol/index.ts')],
  ['lib/a.ts', use('../lambdas/routes.ts')],
  ['local/gateway/a.ts', use('../template/model.ts')],
  ['client/a.ts', usingType('../protocol/index.ts')],
  ['client/a.ts', `export type { Form } from '../protocol/index.ts';`],
  ['bin/a.ts', use('../local/cloud.ts')],
  ['test/chat/a.ts', use('../../chat/send.ts')],
];

const rules = brokenRules([...refused, ...accepted].map(([path, code]) => ({ path, code })));

describe('the linter refuses', () => {
  test.each(refused.map((each, index) => [...each, index] as const))(
    'in %s: %s (%s)',
    (_, __, rule, index) => {
      expect(rules[index]).toEqual([rule]);
    },
  );
});

describe('the linter accepts', () => {
  test.each(accepted.map((each, index) => [...each, index] as const))('in %s: %s', (_, __, index) => {
    expect(rules[refused.length + index]).toEqual([]);
  });
});
