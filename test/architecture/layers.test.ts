import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importsOf, layerOf, layers, refusedIn } from './layers.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SKIPPED = /(^|\/)(node_modules|dist|coverage|cdk\.out|\..*)(\/|$)/;

/** All sources but those beside package.json. */
const sources = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !SKIPPED.test(entry.name))
  .flatMap(({ name }) =>
    (readdirSync(join(root, name), { recursive: true }) as string[]).map((path) => `${name}/${path}`),
  )
  .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !SKIPPED.test(path));

test('every source is in a layer, and every layer has sources', () => {
  expect(new Set(sources.map(layerOf))).toEqual(new Set(Object.keys(layers)));
});

test('no source imports from a layer that its own may not', () => {
  const refused = sources.flatMap((path) =>
    refusedIn(path, readFileSync(join(root, path), 'utf8')).map((module) => `${path} imports ${module}`),
  );
  expect(refused).toEqual([]);
});

test('each layer imports only from layers above it in the table', () => {
  const names = Object.keys(layers);
  for (const [index, [name, { ours, types = [] }]] of Object.entries(layers).entries()) {
    const below = names.slice(index).filter((each) => each !== name);
    const known = [...ours, ...types].filter((each) => each !== '**');
    expect(known.filter((each) => below.includes(each.replace('/**', '')))).toEqual([]);
  }
});

test.each([
  `import { a } from '../x.ts';`,
  `import a, { type B } from "../x.ts";`,
  `import {\n  a,\n  b,\n} from '../x.ts';`,
  `import * as a from '../x.ts';`,
  `import '../x.ts';`,
  `export { a } from '../x.ts';`,
  `export * from '../x.ts';`,
  `const { a } = await import('../x.ts');`,
  `type A = import('../x.ts').A;`,
])('%j is found', (code) => {
  expect(importsOf(`const before = 1;\n${code}\nconst after = 'text';`)).toEqual([
    { module: '../x.ts', isType: false },
  ]);
});

test.each([`import type { A } from '../x.ts';`, `export type { A } from '../x.ts';`])(
  '%j is found as a type import',
  (code) => {
    expect(importsOf(code)).toEqual([{ module: '../x.ts', isType: true }]);
  },
);

const importFrom = (module: string) => `import { a } from '${module}';`;
const importType = (module: string) => `import type { A } from '${module}';`;

test.each([
  ['protocol/a.ts', importFrom('../chat/ports.ts')],
  ['protocol/a.ts', importFrom('zod')],
  ['protocol/commands/a.ts', importFrom('node:crypto')],
  ['chat/a.ts', importFrom('../store/table.ts')],
  ['chat/a.ts', importType('../protocol/read.ts')],
  ['chat/a.ts', importFrom('./messages/send.ts')],
  ['chat/a.ts', importFrom('@aws-sdk/client-dynamodb')],
  ['chat/delivery/a.ts', importFrom('../messages/send.ts')],
  ['chat/rate-limits/a.ts', importFrom('node:timers/promises')],
  ['store/a.ts', importFrom('../chat/messages/send.ts')],
  ['lambdas/a.ts', importFrom('zod')],
  ['lambdas/a.ts', importFrom('../local/cloud.ts')],
  ['lib/a.ts', importFrom('../chat/ports.ts')],
  ['local/gateway/a.ts', importFrom('../../chat/ports.ts')],
  ['clients/sdk/a.ts', importFrom('../../protocol/index.ts')],
  ['clients/sdk/a.ts', `export { limits } from '../../protocol/index.ts';`],
  ['clients/sdk/a.ts', importType('../../protocol/index.ts')],
  ['clients/sdk/a.ts', importFrom('@aws-sdk/client-dynamodb')],
  ['clients/terminal/a.ts', importFrom('../web/src/format.ts')],
  ['clients/web/src/a.tsx', importFrom('../../../store/table.ts')],
  ['clients/web/src/a.tsx', importFrom('../../terminal/view.ts')],
  ['tools/load/a.ts', importFrom('../cost/wire.ts')],
  ['test/e2e/a.ts', importFrom('../../chat/ports.ts')],
])('refuses in %s: %s', (path, code) => {
  expect(refusedIn(path, code)).toHaveLength(1);
});

test.each([
  ['protocol/a.ts', importFrom('zod/mini')],
  ['chat/messages/a.ts', importFrom('../delivery/deliver.ts')],
  ['chat/messages/a.ts', importFrom('../ports.ts')],
  ['store/a.ts', importFrom('@aws-sdk/client-dynamodb')],
  ['lambdas/a.ts', importFrom('../chat/accounts/login.ts')],
  ['lib/a.ts', importFrom('aws-cdk-lib/aws-lambda')],
  ['clients/terminal/a.ts', importType('../../protocol/index.ts')],
  ['clients/web/src/a.tsx', importFrom('../../sdk/chat.ts')],
  ['bin/a.ts', importFrom('../local/cloud.ts')],
  ['test/e2e/a.ts', importFrom('../support/client.ts')],
])('accepts in %s: %s', (path, code) => {
  expect(refusedIn(path, code)).toEqual([]);
});
