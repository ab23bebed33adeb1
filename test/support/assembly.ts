import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { CloudOptions } from '../../local/cloud.ts';
import type { Context } from './contexts.ts';
import { synthesize } from './synthesize.ts';

/** The system's assembly in this context, for one file of tests. */
export function assemblyIn(context: Context): string {
  const { folder, remove } = synthesize(context);
  afterAll(remove);
  return folder;
}

// Seconds: the most that Lambda gives a function.
const LONGEST = 900;

/**
 * The same for a cloud in which nothing runs out of time, however busy the machine is: for tests of all that a function
 * does, and not of how long it takes.
 */
export function unhurriedIn(context: Context): Pick<CloudOptions, 'assembly' | 'limits'> {
  const assembly = assemblyIn(context);
  for (const name of readdirSync(assembly).filter((each) => each.endsWith('.template.json'))) {
    const template = JSON.parse(readFileSync(join(assembly, name), 'utf8'));
    for (const { Type, Properties } of Object.values<{ Type: string; Properties: { Timeout?: number } }>(
      template.Resources,
    ))
      if (Type === 'AWS::Lambda::Function') Properties.Timeout = LONGEST;
    writeFileSync(join(assembly, name), JSON.stringify(template));
  }
  return { assembly, limits: { integration: LONGEST * 1_000 } };
}
