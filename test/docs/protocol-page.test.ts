import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldDocsOf } from '../../bin/field-docs.ts';
import { protocolPage } from '../../bin/protocol-page.ts';
import { serverApiPage } from '../../bin/server-api-page.ts';

const definitions = new URL('../../protocol/commands/', import.meta.url);

test('docs/protocol.md says what the definitions say (npm run docs writes it)', () => {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  expect(page).toBe(protocolPage());
});

test('docs/server-api.md says what the definitions say (npm run docs writes it)', () => {
  const page = readFileSync(new URL('../../docs/server-api.md', import.meta.url), 'utf8');
  expect(page).toBe(serverApiPage());
});

test.each(readdirSync(definitions))('the page has every comment on a field in %s', (file) => {
  const text = readFileSync(new URL(file, definitions), 'utf8');
  const comments = [...text.matchAll(/^ +\/\*\*([\s\S]*?)\*\/$/gm)].map(([, comment = '']) =>
    comment.replace(/\n +\*/g, '').trim(),
  );
  const page = protocolPage() + serverApiPage();
  expect(comments.filter((comment) => !page.includes(comment))).toEqual([]);
});

test.each([
  ['edit_message', 'request', 'after_seq', 'when you first sent this'],
  ['set_profile', 'request', 'data', 'keeps with its user'],
  ['login', 'reply', 'session_token', 'For the next login'],
  ['get_groups', 'parts', 'title', 'instead of the name'],
] as const)('%s explains the shared field of its %s, %s', (type, part, field, comment) => {
  expect(fieldDocsOf({ type })[part].get(field)).toContain(comment);
});
