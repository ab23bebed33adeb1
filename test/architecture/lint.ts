import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome');
// The linter's configuration, and what it reads besides.
const CONFIGURATION = ['biome.json', '.gitignore', 'test/architecture/clock.grit'];

/** A file as it might be written. */
export interface Snippet {
  path: string;
  code: string;
}

/**
 * Lints files that do not exist by the project's rules, all in one go, in a folder that is gone afterwards.
 * @returns for each of them, the rules it breaks
 */
export function brokenRules(snippets: readonly Snippet[]): string[][] {
  const dir = mkdtempSync(join(tmpdir(), 'parley-lint-'));
  try {
    for (const file of CONFIGURATION) cpSync(join(root, file), join(dir, file));
    snippets.forEach(({ path, code }, index) => {
      const file = join(dir, numbered(path, index));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${code}\n`);
    });
    const said = lint(dir);
    return snippets.map(({ path }, index) => said.get(numbered(path, index)) ?? []);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const numbered = (path: string, index: number) => join(dirname(path), `snippet-${index}.ts`);

/** The errors that the linter reports, by file. */
function lint(dir: string): Map<string, string[]> {
  const flags = ['lint', '--max-diagnostics=none', '--diagnostic-level=error', '--reporter=json', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...flags], { cwd: dir, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  if (diagnostics.length === 0) throw new Error(`The linter found nothing at all: ${stderr}`);
  const rules = new Map<string, string[]>();
  for (const { category, location } of diagnostics) {
    rules.set(location.path, [...(rules.get(location.path) ?? []), category.split('/').at(-1) ?? '']);
  }
  return rules;
}
