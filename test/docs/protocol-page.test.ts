import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { protocolPage } from '../../bin/protocol-page.ts';

test('docs/protocol.md says what the definitions say (npm run docs writes it)', () => {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  expect(page).toBe(protocolPage());
});
