import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError } from '../lib/config.ts';
import { stackNameIn } from '../lib/context.ts';
import { ParleyStack } from '../lib/parley-stack.ts';

const app = new App();
try {
  const stack = new ParleyStack(app, stackNameIn(app.node));
  Tags.of(stack).add('project', 'parley');
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(1);
}
