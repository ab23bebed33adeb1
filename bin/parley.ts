import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ParleyStack } from '../lib/parley-stack.ts';

const app = new App();
const stage: string = app.node.tryGetContext('stage') ?? 'dev';
// It is part of the stack's name, which may not have the underscores that a stage's may.
if (!/^[A-Za-z0-9]{1,64}$/.test(stage)) {
  throw new Error(`-c stage=${stage}: a stage is 1 to 64 letters and digits`);
}

const stack = new ParleyStack(app, stage === 'dev' ? 'Parley' : `Parley-${stage}`, { stage });
Tags.of(stack).add('project', 'parley');
Validations.of(app).addPlugins(new AwsSolutionsChecks());
