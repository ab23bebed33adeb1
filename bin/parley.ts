import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { deploymentOf } from '../lib/deployment.ts';
import { ParleyStack } from '../lib/parley-stack.ts';

const app = new App();
const deployment = deploymentOf(app.node);

const stack = new ParleyStack(app, deployment.name, deployment);
Tags.of(stack).add('project', 'parley');
Validations.of(app).addPlugins(new AwsSolutionsChecks());
