import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { folderOf, pageFolder } from '../../lib/artifacts.ts';
import { type FunctionName, functionNames } from '../../lib/functions.ts';
import { specs } from '../../lib/specs.ts';
import { licensesOf } from '../../tools/pack/licenses.ts';
import type { Recipe } from '../../tools/pack/recipe.ts';
import { replacing } from '../../tools/pack/replacing.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What is known of the service's functions, as data. */
const data: Plugin = {
  name: 'data',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lib[\\/]specs\.ts$/ }, () => ({
      contents: `export const specs = ${JSON.stringify(specs)};`,
      loader: 'js',
    }));
  },
};

/** Adds the functions' bundles and the page, and the licenses of what they contain of others. */
export async function addArtifacts(folder: string): Promise<void> {
  const names = functionNames as readonly FunctionName[];
  for (const name of names)
    await cp(folderOf(name, names), join(folder, 'functions', name), { recursive: true });
  await cp(pageFolder(), join(folder, 'page/files'), { recursive: true });
  await cp(join(ROOT, 'clients/web/headers.json'), join(folder, 'page/headers.json'));
  const licenses = await licensesOf(['lambdas/routes.ts', 'clients/web/src/main.tsx']);
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), licenses);
}

export const recipe: Recipe = {
  modules: { index: 'lib/index.ts' },
  hasRequire: true,
  options: {
    platform: 'node',
    target: 'node20',
    // Stack traces of synthesis name what is ours.
    minify: false,
    sourcemap: false,
    plugins: [data, replacing({ 'lib/artifacts.ts': 'packages/cdk/artifacts.ts' })],
    logOverride: { 'empty-import-meta': 'silent' },
  },
  finish: addArtifacts,
};
