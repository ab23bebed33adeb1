import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Assembly, assemblyOf, type Resource, type Template } from './assembly.ts';
import { functionName } from './function-name.ts';
import type { Value } from './intrinsics.ts';

/** A template that needs nothing of the CDK, and the functions that it names. */
export interface Plain {
  /** Each function has `./functions/NAME` as its `Code`. */
  template: Template;
  /** A function's name → the folder with its code. */
  functions: ReadonlyMap<string, string>;
}

// Of the CDK's bootstrap stack, which the account may not have, and of its own statistics.
const OF_THE_CDK = {
  Parameters: ['BootstrapVersion'],
  Rules: ['CheckBootstrapVersion'],
  Conditions: ['CDKMetadataAvailable'],
};
const BOOTSTRAPPED = /cdk-[a-z0-9]+-(assets|container-assets|deploy-role|cfn-exec-role)-/;

/**
 * Makes a template plain: for `aws cloudformation package` and `deploy`, in an account without the CDK's bootstrap stack.
 * @param assembly or its folder
 * @throws Error if it needs the bootstrap stack: it has assets other than the code of functions
 */
export function plainOf(assembly: string | Assembly): Plain {
  const { template, folderOf } = assemblyOf(assembly);
  const functions = new Map<string, string>();
  const plain = (id: string, { Metadata: _, ...resource }: Resource): Resource => {
    if (resource.Type !== 'AWS::Lambda::Function') return resource;
    const [name, folder] = [functionName(id), folderOf(resource.Properties?.Code)];
    if (folder === undefined) throw new Error(`${id}: its code is not in this assembly`);
    functions.set(name, folder);
    return { ...resource, Properties: { ...resource.Properties, Code: `./functions/${name}` } };
  };
  const resources = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata')
    .map(([id, resource]) => [id, plain(id, resource)] as const);
  for (const [id, resource] of resources)
    if (BOOTSTRAPPED.test(JSON.stringify(resource)))
      throw new Error(`${id} needs the bootstrap stack of the CDK, so no plain template can have it`);
  const sections = Object.entries(OF_THE_CDK).flatMap(([section, names]) => {
    const entries = Object.entries((template[section] ?? {}) as Record<string, Value>);
    const kept = entries.filter(([name]) => !names.includes(name));
    return kept.length > 0 ? [[section, Object.fromEntries(kept)]] : [];
  });
  const { Parameters: _, Rules: __, Conditions: ___, ...rest } = template;
  return {
    template: { ...rest, ...Object.fromEntries(sections), Resources: Object.fromEntries(resources) },
    functions,
  };
}

/** Writes a plain template as `parley.template.json`, and its functions beside it. @returns the template's path */
export function writePlain({ template, functions }: Plain, into: string): string {
  mkdirSync(into, { recursive: true });
  for (const [name, from] of functions) {
    const to = join(into, 'functions', name);
    // What an earlier version had must not be deployed with it.
    rmSync(to, { recursive: true, force: true });
    cpSync(from, to, { recursive: true });
  }
  const file = join(into, 'parley.template.json');
  writeFileSync(file, `${JSON.stringify(template, null, 1)}\n`);
  return file;
}
