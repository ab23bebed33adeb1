import { afterAll } from 'vitest';
import type { Context } from './contexts.ts';
import { synthesize } from './synthesize.ts';

/** The system's assembly in this context, for one file of tests. */
export function assemblyIn(context: Context): string {
  const { folder, remove } = synthesize(context);
  afterAll(remove);
  return folder;
}
