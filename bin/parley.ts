import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ParleyStack } from '../lib/parley-stack.ts';

const app = new App();
const stage: string = app.node.tryGetContext('stage') ?? 'dev';
if (!/^[A-Za-z0-9_]{1,64}$/.test(stage)) {
  throw new Error(`-c stage=${stage}: a stage is 1 to 64 letters, digits or underscores`);
}

const stack = new ParleyStack(app, stage === 'dev' ? 'Parley' : `Parley-${stage}`, { stage });
Tags.of(stack).add('project', 'parley');
Validations.of(app).addPlugins(new AwsSolutionsChecks());
