import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Value } from './intrinsics.ts';

/** A resource of a template. */
export interface Resource {
  Type: string;
  Properties?: Record<string, Value>;
  Metadata?: Record<string, Value>;
  Condition?: string;
}

/** A template of CloudFormation. */
export interface Template {
  Resources: Record<string, Resource>;
  Conditions?: Record<string, Value>;
  Parameters?: Record<string, { Default?: Value }>;
  Rules?: Record<string, Value>;
  Outputs?: Record<string, { Value?: Value }>;
  [section: string]: unknown;
}

/** A template, and where the code of its functions is. */
export interface Assembly {
  template: Template;
  /** @param code the property `Code` of a function @returns its folder; undefined if there is none */
  folderOf(code: Value | undefined): string | undefined;
}

/** A template whose functions have a path as their `Code`. @param folder that relative paths start from */
export const assemblyFrom = (template: Template, folder: string): Assembly => ({
  template,
  folderOf: (code) => (typeof code === 'string' ? join(folder, code) : undefined),
});

/** An assembly, or that in a folder: the CDK's output, or a plain template. @throws Error if there is no template in it */
export const assemblyOf = (given: string | Assembly): Assembly =>
  typeof given === 'string' ? assemblyIn(given) : given;

function assemblyIn(folder: string): Assembly {
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`There is no template in ${folder}`);
  const template = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template;
  const assets = assetsIn(folder);
  const { folderOf } = assemblyFrom(template, folder);
  return {
    template,
    folderOf: (code) =>
      folderOf(code) ?? assets.get(String((code as { S3Key?: Value } | null | undefined)?.S3Key)),
  };
}

/** Object key in the CDK's bucket → folder. */
function assetsIn(assembly: string): Map<string, string> {
  const manifests = readdirSync(assembly).filter((name) => name.endsWith('.assets.json'));
  const assets = manifests.flatMap((name) => {
    const { files } = JSON.parse(readFileSync(join(assembly, name), 'utf8')) as {
      files: Record<
        string,
        { source: { path?: string }; destinations: Record<string, { objectKey: string }> }
      >;
    };
    return Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(
        ({ objectKey }) => [objectKey, join(assembly, source.path ?? '')] as const,
      ),
    );
  });
  return new Map(assets);
}
