import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BuiltPage } from '../../bin/built-page.ts';
import { type Assembly, assemblyFrom } from '../../local/template/assembly.ts';
import { settingsIn, withSettings } from './variants.ts';

// In the package, this takes the place of all that a checkout builds when it is needed. The bundle is in the package's folder.

const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/**
 * The template with these settings, and its functions.
 * @throws ConfigError for settings that are invalid, or only the CDK can make
 */
export async function ensureAssembly({
  context = {},
}: {
  context?: Readonly<Record<string, string>>;
} = {}): Promise<Assembly> {
  const settings = settingsIn(context);
  const template = JSON.parse(readFileSync(path(`./templates/${settings.variant}.json`), 'utf8'));
  return assemblyFrom(withSettings(template, settings), path('.'));
}

/** The page. */
export const builtPage = async (): Promise<BuiltPage> => ({
  folder: path('./page/files'),
  headers: path('./page/headers.json'),
});

/** The thread of the engine. */
export const bundledWorker = async (): Promise<URL> => new URL('./worker.js', import.meta.url);

/** The cloud of a load. */
export const cloudFile = new URL('./load-cloud.js', import.meta.url);
