import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type Bundles, bundleFunctions } from './bundles.ts';
import type { FunctionName } from './functions.ts';
import { pageBuild } from './page-build.ts';
import { temporaryFolder } from './temporary.ts';

// What is built for a deployment. The packages have their own file in place of this one, with what was built for them.

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

let page: string | undefined;

/** The folder with the page, built like `npm start` does, once for all stacks of one process. */
export function pageFolder(): string {
  page ??= buildPage();
  return page;
}

function buildPage(): string {
  const folder = temporaryFolder();
  const { file, args, options } = pageBuild(folder);
  execFileSync(file, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
  return folder;
}

/** The headers of the page, by name. */
export const pageHeaders = (): Record<string, string> =>
  JSON.parse(readFileSync(new URL('../clients/web/headers.json', import.meta.url), 'utf8'));
