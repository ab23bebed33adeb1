import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withAccessTable } from '../../bin/access-table.ts';
import { commands } from '../../protocol/index.ts';

const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');

test('docs/security.md says of every command who may use it (test/e2e/authorisation.test.ts tries it)', () => {
  const named = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, command]) => command);
  expect(named).toEqual(commands.map(({ type }) => type));
  expect(withAccessTable(page)).toBe(page);
});
