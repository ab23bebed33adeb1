import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ParleyStack } from '../lib/parley-stack.ts';
import { stageOf } from '../lib/stage.ts';

const app = new App();
const stage = stageOf(app.node);

const stack = new ParleyStack(app, stage === 'dev' ? 'Parley' : `Parley-${stage}`, { stage });
Tags.of(stack).add('project', 'parley');
Validations.of(app).addPlugins(new AwsSolutionsChecks());
