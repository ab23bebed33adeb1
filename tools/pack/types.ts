import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { WithModules } from './recipe.ts';

const ROOT = join(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

// What a declaration imports of ours, as TypeScript prints it.
const IMPORT = /((?:from|import) |import\()(["'])(\.\.?\/[^"']+)\.tsx?\2/g;

/**
 * Writes the declarations of a package: one for each module, and in `types/` what these need.
 * @param into the package's folder @param scratch a folder for what the compiler writes
 */
export async function buildTypes(
  { modules, theirs = {}, hasRequire }: WithModules,
  into: string,
  scratch: string,
): Promise<void> {
  await emit(Object.values(modules), scratch);
  const entries = new Map(Object.entries(modules).map(([name, path]) => [join(ROOT, path), name]));
  const packaged = new Map(Object.entries(theirs).map(([path, module]) => [join(ROOT, path), module]));
  const files = await reachable([...entries.keys()], scratch, packaged);
  const base = commonFolder([...files.keys()]);
  const nameOf = (source: string) =>
    entries.get(source) ??
    `types/${relative(base, source)
      .replace(/\.tsx?$/, '')
      .replaceAll('\\', '/')}`;
  for (const [source, text] of files)
    for (const kind of hasRequire ? ['', 'c'] : ['']) {
      const path = join(into, nameOf(source));
      const written = text.replace(IMPORT, (_, before, quote, to) => {
        const module = packaged.get(resolve(dirname(source), `${to}.ts`));
        if (module !== undefined) return `${before}${quote}${module}${quote}`;
        const target = join(into, nameOf(sourceOf(source, to, files)));
        const specifier = relative(dirname(path), target).replaceAll('\\', '/');
        return `${before}${quote}${specifier.startsWith('.') ? '' : './'}${specifier}.${kind}js${quote}`;
      });
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.d.${kind}ts`, written);
    }
}

/** Runs the compiler. @throws Error with what it found */
async function emit(sources: readonly string[], outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const config = join(outDir, 'tsconfig.json');
  const compilerOptions = {
    ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: ROOT, outDir },
    typeRoots: [join(ROOT, 'node_modules/@types')],
  };
  const files = sources.map((path) => join(ROOT, path));
  await writeFile(
    config,
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files, include: [] }),
  );
  const running = promisify(execFile)(process.execPath, [TSC, '-p', config]);
  await running.catch(({ stdout, message }) => {
    throw new Error(stdout || message);
  });
}

/** The declarations of these sources and of all of ours that they import, by the path of their source. */
async function reachable(
  entries: readonly string[],
  emitted: string,
  packaged: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const queue = [...entries];
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    if (files.has(source) || packaged.has(source)) continue;
    const declaration = join(emitted, relative(ROOT, source).replace(/\.tsx?$/, '.d.ts'));
    const text = await readFile(declaration, 'utf8');
    files.set(source, text);
    for (const [whole, , , to = ''] of text.matchAll(IMPORT))
      queue.push(resolve(dirname(source), `${to}.${/\.(tsx?)/.exec(whole)?.[1]}`));
  }
  return files;
}

const sourceOf = (from: string, to: string, files: ReadonlyMap<string, string>): string => {
  const path = resolve(dirname(from), to);
  return files.has(`${path}.ts`) ? `${path}.ts` : `${path}.tsx`;
};

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? ROOT);
  while (!paths.every((path) => path.startsWith(join(folder, '/')))) folder = dirname(folder);
  return folder;
}
