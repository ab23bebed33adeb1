import { App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ConfigError, deploymentOf, rejectUnknown } from '../lib/config.ts';
import { ParleyStack } from '../lib/parley-stack.ts';
import { deploymentSettings, settings } from '../lib/settings.ts';

const app = new App();
try {
  rejectUnknown(app.node, Object.keys({ ...settings, ...deploymentSettings }));
  const deployment = deploymentOf(app.node);
  const stack = new ParleyStack(app, deployment.name, deployment);
  Tags.of(stack).add('project', 'parley');
  Validations.of(app).addPlugins(new AwsSolutionsChecks());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exit(1);
}
