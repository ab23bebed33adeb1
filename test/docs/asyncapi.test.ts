import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { asyncapi } from '../../bin/asyncapi.ts';
import { commands, pushes } from '../../protocol/index.ts';

const page = readFileSync(new URL('../../docs/asyncapi.yaml', import.meta.url), 'utf8');

test('docs/asyncapi.yaml says what the definitions say (npm run docs writes it)', () => {
  expect(page).toBe(asyncapi());
});

test('docs/asyncapi.yaml is valid AsyncAPI 3, its examples included', async () => {
  const { document, diagnostics } = await new Parser().parse(page);
  // 0 is an error, 1 a warning.
  expect(
    diagnostics.filter(({ severity }) => severity <= 1).map(({ message, path }) => [message, path]),
  ).toEqual([]);
  const operations = document?.allOperations().all() ?? [];
  expect(operations).toHaveLength(commands.length + Object.keys(pushes).length);
});

test('the parser finds a broken document', async () => {
  const { diagnostics } = await new Parser().parse(page.replace('#/channels/chat', '#/channels/none'));
  expect(diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([]);
});
