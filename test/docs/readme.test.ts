import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deploymentSettings } from '../../lib/deployment.ts';
import { settings } from '../../lib/settings.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
const settingsPage = read('docs/settings.md');
/** Pages for people that link to others; links are relative to the page. */
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/architecture.md', 'docs/settings.md'];
const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { scripts: object };

test.each(Object.entries(settings))(
  'docs/settings.md says what -c %s sets, and its default',
  (name, setting) => {
    const { doc, standard } = setting;
    const inProd = 'prod' in setting ? `, in prod \`${setting.prod}\`` : '';
    expect(settingsPage).toContain(`| \`${name}\` | ${doc} | \`${standard}\`${inProd} |`);
  },
);

test.each(Object.keys(deploymentSettings))('docs/settings.md says what -c %s sets', (name) => {
  expect(settingsPage).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\| \\S`, 'm'));
});

test('the README fits on a few screens', () => {
  expect(readme.split('\n').length).toBeLessThan(120);
});

test.each(pages)('every script that %s names is there', (page) => {
  const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? '');
  for (const script of named) expect(scripts).toHaveProperty([script]);
});

test.each(pages)('every file that %s links to is there', (page) => {
  const linked = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path ?? '');
  expect(linked.filter((path) => !existsSync(new URL(path, new URL(page, root))))).toEqual([]);
});
