import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as page from '../../bin/built-page.ts';
import type * as worker from '../../local/engine/bundled-worker.ts';
import type * as synth from '../../local/synth.ts';
import { type Assembly, assemblyFrom } from '../../local/template/assembly.ts';
import type * as load from '../../tools/load/cloud-file.ts';
import { settingsIn, withSettings } from './variants.ts';

// In the package, this takes the place of all that a checkout builds when it is needed, and so has the types of that. The
// bundle is in the package's folder.

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * The template with these settings, and its functions, for what takes an assembly as well as its folder.
 * @throws ConfigError for settings that are invalid, or only the CDK can make
 */
export async function ensureAssembly({
  context = {},
}: Parameters<typeof synth.ensureAssembly>[0] = {}): Promise<Assembly> {
  const settings = settingsIn(context);
  const template = JSON.parse(readFileSync(path(`./templates/${settings.variant}.json`), 'utf8'));
  return assemblyFrom(withSettings(template, settings), path('.'));
}

/** The page. */
export const builtPage: typeof page.builtPage = async () => ({
  folder: path('./page/files'),
  headers: path('./page/headers.json'),
});

/** The thread of the engine. */
export const bundledWorker: typeof worker.bundledWorker = async () => new URL('./worker.js', import.meta.url);

/** The cloud of a load. */
export const cloudFile: typeof load.cloudFile = new URL('./load-cloud.js', import.meta.url);
