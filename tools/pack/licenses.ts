import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

/**
 * The licenses of all packages that sources are bundled with, each text once.
 * @param entryPoints paths in the repository
 * @param options of esbuild that decide what is bundled
 */
export async function licensesOf(entryPoints: string[], options: BuildOptions = {}): Promise<string> {
  const { metafile } = await build({
    ...options,
    ...{ absWorkingDir: ROOT, entryPoints, outdir: 'out', bundle: true, write: false, metafile: true },
    ...{ platform: 'node', format: 'esm', mainFields: ['module', 'main'], logLevel: 'error' },
    loader: { '.json': 'empty', '.css': 'empty', '.svg': 'empty' },
  });
  const folders = Object.keys(metafile.inputs).flatMap(
    (input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  const byText = new Map<string, string[]>();
  for (const folder of [...new Set(folders)].toSorted()) {
    const { name, version, text } = await licenseIn(join(ROOT, folder));
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...byText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}`);
  return `What this package contains of others, and its licenses.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** @throws Error if a package doesn't say under which license it is */
async function licenseIn(folder: string): Promise<{ name: string; version: string; text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
  const text = file ? (await readFile(join(folder, file), 'utf8')).trim() : license;
  if (!text) throw new Error(`${folder} has no license`);
  return { name, version, text };
}
