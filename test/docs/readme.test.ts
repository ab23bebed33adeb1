import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settings } from '../../lib/settings.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };

test.each(Object.entries(settings))('the README says what -c %s sets, and its default', (name, setting) => {
  const { doc, standard } = setting;
  const inProd = 'prod' in setting ? `, in prod \`${setting.prod}\`` : '';
  expect(readme).toContain(`| \`${name}\` | ${doc} | \`${standard}\`${inProd} |`);
});

test('every script that the README names is there', () => {
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? '');
  expect(named.length).toBeGreaterThan(3);
  for (const script of named) expect(scripts).toHaveProperty([script]);
});

test('every file that the README links to is there', () => {
  const linked = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
  expect(linked.length).toBeGreaterThan(5);
  expect(linked.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});
