import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// In the package, this takes the place of lib/artifacts.ts: all is built already.

// The build for `require` has no `import.meta`.
const here = typeof __dirname === 'undefined' ? dirname(fileURLToPath(import.meta.url)) : __dirname;

/** The folder with a function's bundle. */
export const folderOf = (name: string): string => join(here, 'functions', name);

/** The folder with the page. */
export const pageFolder = (): string => join(here, 'page/files');

/** The headers of the page, by name. */
export const pageHeaders = (): Record<string, string> =>
  JSON.parse(readFileSync(join(here, 'page/headers.json'), 'utf8'));
