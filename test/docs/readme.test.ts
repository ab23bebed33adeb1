import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsProps, withSettingsTable } from '../../bin/settings-docs.ts';
import { deploymentSettings, settings } from '../../lib/settings.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');
const settingsPage = read('docs/settings.md');
const readmesIn = (folder: string) =>
  readdirSync(new URL(folder, root))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((page) => existsSync(new URL(page, root)));
/** Every page for people; links are relative to the page. */
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  ...readmesIn('packages'),
  'examples/README.md',
  ...readmesIn('examples'),
  ...readdirSync(new URL('docs', root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** The scripts of a page's own package, if it has one, and of the repository. */
function scriptsFor(page: string): object {
  const own = new URL('package.json', new URL(page, root));
  const files = [new URL('package.json', root), own].filter((file) => existsSync(file));
  return Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(file, 'utf8')).scripts));
}

test('docs/settings.md and the props say what each setting sets, and its default', () => {
  for (const name of Object.keys(settings)) expect(settingsPage).toContain(`\n| \`${name}\` |`);
  expect(withSettingsTable(settingsPage)).toBe(settingsPage);
  expect(settingsProps()).toBe(read('lib/settings-props.ts'));
});

test.each(Object.keys(deploymentSettings))('docs/settings.md says what -c %s sets', (name) => {
  expect(settingsPage).toMatch(new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\| \\S`, 'm'));
});

test('the README fits on a few screens', () => {
  expect(readme.split('\n').length).toBeLessThan(120);
});

test.each(pages)('every script that %s names is there', (page) => {
  const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script ?? '');
  for (const script of named) expect(scriptsFor(page)).toHaveProperty([script]);
});

/** The links of a page to files of this repository, and to headings. */
const linksIn = (page: string): { path: string; anchor?: string }[] =>
  [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = '', anchor]) => ({
    path: path === '' ? page : new URL(path, new URL(page, root)).href.slice(root.href.length),
    anchor,
  }));

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsIn = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

test.each(pages)('every file and heading that %s links to is there', (page) => {
  const broken = linksIn(page).filter(
    ({ path, anchor }) =>
      !existsSync(new URL(path, root)) || (anchor !== undefined && !anchorsIn(path).includes(anchor)),
  );
  expect(broken).toEqual([]);
});
