import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { stackNameIn } from '../../lib/context.ts';
import { ParleyStack } from '../../lib/parley-stack.ts';
import type { Context } from './contexts.ts';

/**
 * Synthesizes the system in this process, in which all stacks share their bundles: a tenth of what the CDK's CLI takes.
 * @returns the folder, and how to end it
 */
export function synthesize(context: Context): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-assembly-'));
  const app = new App({ context, outdir: folder });
  new ParleyStack(app, stackNameIn(app.node));
  app.synth();
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The system's assembly in this context, for one file of tests. */
export function assemblyIn(context: Context): string {
  const { folder, remove } = synthesize(context);
  afterAll(remove);
  return folder;
}
