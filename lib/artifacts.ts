import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFunctions } from './bundles.ts';
import type { FunctionName } from './functions.ts';
import { pageBuild } from './page-build.ts';
import { temporaryFolder } from './temporary.ts';

// What is built for a deployment. The packages have their own file in place of this one, with what was built for them.

const made = new Map<FunctionName, string>();

/** The folder with a function's bundle. Bundles are shared by all stacks of one process. */
export function folderOf(name: FunctionName, all: readonly FunctionName[]): string {
  const lacking = all.filter((each) => !made.has(each));
  if (lacking.length > 0) for (const [each, folder] of build(lacking)) made.set(each, folder);
  return made.get(name) as string;
}

/**
 * `cdk deploy` and `cdk synth` build all anew. PARLEY_BUNDLES is a folder in which other processes find what is built, for as long as
 * the sources are the same: whoever sets it answers for that (local/synth.ts, and a run of the tests).
 */
function build(names: readonly FunctionName[]): [FunctionName, string][] {
  const kept = process.env.PARLEY_BUNDLES;
  const lacking = kept ? names.filter((name) => !existsSync(join(kept, name))) : names;
  const built = lacking.length > 0 ? bundleFunctions(lacking) : new Map();
  return names.map((name) => {
    const folder = built.get(name)?.folder;
    return [name, kept ? keep(folder, join(kept, name)) : folder];
  });
}

/** Copies a folder to where it is kept, unless it is there: whole, whoever is killed or faster. @returns that place */
function keep(folder: string | undefined, place: string): string {
  if (folder === undefined) return place;
  const copy = mkdtempSync(`${place}.`);
  try {
    cpSync(folder, copy, { recursive: true });
    renameSync(copy, place);
  } catch (error) {
    rmSync(copy, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
  return place;
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
