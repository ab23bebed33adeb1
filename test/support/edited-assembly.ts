import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ensureAssembly } from '../../local/synth.ts';

/** A resource of the template. */
export interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, each its own.
  Properties: any;
}

/** A copy of the system's assembly whose template has been changed: what a broken deployment would be. */
export async function editedAssembly(
  edit: (resources: Record<string, Resource>, dir: string) => void | Promise<void>,
  context: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  await cp(await ensureAssembly({ context }), dir, { recursive: true });
  const file = (await readdir(dir)).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error('The assembly has no template');
  const template = JSON.parse(await readFile(join(dir, file), 'utf8'));
  await edit(template.Resources, dir);
  await writeFile(join(dir, file), JSON.stringify(template));
  return dir;
}

/** The logical id of the one resource of a type that a test means. */
export function idOf(
  resources: Record<string, Resource>,
  type: string,
  isIt: (resource: Resource, id: string) => boolean,
): string {
  const ids = Object.keys(resources).filter((id) => {
    const resource = resources[id];
    return resource?.Type === type && isIt(resource, id);
  });
  if (ids.length !== 1) throw new Error(`${ids.length} resources of type ${type} fit, not one: ${ids}`);
  return ids[0] as string;
}

/** Gives a function other code than the system's. */
export function replaceCode({ Properties }: Resource, dir: string, source: string): Promise<void> {
  const asset = `asset.${String(Properties.Code.S3Key).replace('.zip', '')}`;
  return writeFile(join(dir, asset, 'index.mjs'), source);
}
