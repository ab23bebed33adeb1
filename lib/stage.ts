import type { Node } from 'constructs';

/**
 * The stage to deploy, as `-c stage=…` says; `dev` if it says nothing.
 * @throws if it cannot be part of the stack's name, which may not have the underscores that a stage's may
 */
export function stageOf(node: Node): string {
  const stage: unknown = node.tryGetContext('stage') ?? 'dev';
  if (typeof stage !== 'string' || !/^[A-Za-z0-9]{1,64}$/.test(stage)) {
    throw new Error(`-c stage=${stage}: a stage is 1 to 64 letters and digits`);
  }
  return stage;
}
