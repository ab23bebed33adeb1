import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError } from '../lib/config.ts';
import { stackNameIn } from '../lib/context.ts';
import { ParleyStack } from '../lib/parley-stack.ts';

const app = new App();
try {
  new ParleyStack(app, stackNameIn(app.node));
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(1);
}
