import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Bundles, bundleFunctions } from './bundles.ts';
import type { FunctionName } from './functions.ts';
import { temporaryFolder } from './temporary.ts';

// What is built for a deployment. The packages have their own file in place of this one, with what was built for them.

const root = fileURLToPath(new URL('..', import.meta.url));
const made = new Map<FunctionName, string>();

/** The folder with a function's bundle. Bundles are shared by all stacks of one process. */
export function folderOf(name: FunctionName, all: readonly FunctionName[]): string {
  const lacking = all.filter((each) => !made.has(each));
  if (lacking.length > 0) {
    const bundles: Bundles = bundleFunctions(lacking);
    for (const [each, { folder }] of bundles) made.set(each as FunctionName, folder);
  }
  return made.get(name) as string;
}

/** Builds the page like `npm start` does. @returns the folder */
export function pageFolder(): string {
  const folder = temporaryFolder();
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const flags = [
    'build',
    '--config',
    'clients/web/vite.config.ts',
    '--outDir',
    folder,
    '--logLevel',
    'error',
  ];
  execFileSync(process.execPath, [vite, ...flags], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}

/** The headers of the page, by name. */
export const pageHeaders = (): Record<string, string> =>
  JSON.parse(readFileSync(new URL('../clients/web/headers.json', import.meta.url), 'utf8'));
