import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { stackNameIn } from './context.ts';
import { ParleyStack } from './parley-stack.ts';

const { context: flags } = JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

/**
 * Synthesizes the stack in this process, in which all stacks share their bundles: a tenth of what the CDK's CLI takes.
 * @param outdir a folder, which gets the assembly
 */
export function synthesizeInto(outdir: string, context: Readonly<Record<string, string>>): void {
  const app = new App({ context: { ...flags, ...context }, outdir });
  new ParleyStack(app, stackNameIn(app.node));
  app.synth();
}
