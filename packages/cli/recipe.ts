import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pageFolder } from '../../lib/artifacts.ts';
import { synthesizeInto } from '../../lib/synthesized.ts';
import { temporaryFolder } from '../../lib/temporary.ts';
import { plainOf } from '../../local/template/plain.ts';
import { licensesOf } from '../../tools/pack/licenses.ts';
import { bundlePrograms, NOT_INSTALLED } from '../../tools/pack/programs.ts';
import type { Recipe } from '../../tools/pack/recipe.ts';
import { replacing } from '../../tools/pack/replacing.ts';
import { variants } from './variants.ts';

const ROOT = join(import.meta.dirname, '../..');
const BUILT = 'packages/cli/built.ts';

/** Adds a template for each variant, and the functions that they share. */
async function addTemplates(folder: string): Promise<void> {
  const scratch = temporaryFolder();
  await mkdir(join(folder, 'templates'));
  for (const [name, context] of variants) {
    const outdir = join(scratch, name);
    synthesizeInto(outdir, context);
    const { template, functions } = plainOf(outdir);
    await writeFile(join(folder, 'templates', `${name}.json`), JSON.stringify(template));
    for (const [each, from] of functions)
      await cp(from, join(folder, 'functions', each), { recursive: true });
  }
}

const programs = {
  'parley-chat': 'packages/cli/parley-chat.ts',
  worker: 'local/engine/worker.ts',
  'load-cloud': 'tools/load/cloud.ts',
};

const plugins = [
  replacing({
    'cli/called.ts': 'packages/cli/called.ts',
    'bin/built-page.ts': BUILT,
    'local/synth.ts': BUILT,
    'local/engine/bundled-worker.ts': BUILT,
    'tools/load/cloud-file.ts': BUILT,
  }),
];

async function addPrograms(folder: string): Promise<void> {
  await bundlePrograms({
    entryPoints: programs,
    outdir: folder,
    chunkNames: 'chunk-[hash]',
    // Names stay, for stack traces.
    ...{ minifySyntax: true, minifyWhitespace: true },
    plugins,
  });
  await copyFile(join(ROOT, 'local/lambda/instance.mjs'), join(folder, 'instance.mjs'));
}

async function addLicenses(folder: string): Promise<void> {
  const sources = [...Object.values(programs), 'lambdas/routes.ts', 'clients/web/src/main.tsx'];
  const licenses = await licensesOf(sources, { plugins, external: [NOT_INSTALLED] });
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), licenses);
}

async function addPage(folder: string): Promise<void> {
  await cp(pageFolder(), join(folder, 'page/files'), { recursive: true });
  await copyFile(join(ROOT, 'clients/web/headers.json'), join(folder, 'page/headers.json'));
}

export const recipe: Recipe = {
  async finish(folder) {
    await Promise.all([addPrograms(folder), addPage(folder), addLicenses(folder)]);
    await addTemplates(folder);
  },
};
