import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { StageName } from '../../lib/config.ts';
import { Parley } from '../../lib/parley.ts';
import { ParleyStack } from '../../lib/parley-stack.ts';
import { type Stateful, statefulIn } from './stateful.ts';

const STAGES: readonly StageName[] = ['dev', 'prod'];

/** What has state in the deployments of this code: of this repository's stack, and of the construct in a stack of somebody. */
export function deployments(): Record<string, Record<string, Stateful>> {
  const made = STAGES.flatMap((stage) => {
    const shop = new Stack(new App(), 'Shop');
    new Parley(shop, 'Chat', { stage, web: true });
    return [
      [`stack ${stage}`, new ParleyStack(new App({ context: { stage, web: 'true' } }), 'Parley')],
      [`construct ${stage}`, shop],
    ] as const;
  });
  return Object.fromEntries(
    made.map(([name, stack]) => [name, statefulIn(Template.fromStack(stack).toJSON() as never)]),
  );
}
