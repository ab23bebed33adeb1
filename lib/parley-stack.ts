import { CfnOutput, Fn, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { propsIn } from './context.ts';
import { Parley } from './parley.ts';

/** The service as a stack of its own, with the settings of the context. */
export class ParleyStack extends Stack {
  /** @throws ConfigError that names the invalid setting */
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    Tags.of(this).add('project', 'parley');
    // A construct of this name leaves no trace in the logical ids of what it has.
    const chat = new Parley(this, 'Default', { name: this.stackName, ...propsIn(this) });
    const { url, pageUrl, domainTarget, functions, tables } = chat;
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    if (domainTarget) output('DomainTarget', domainTarget, 'CNAME target of the domain');
    if (pageUrl) output('PageUrl', pageUrl, 'The page');
    // For `npm run admin`, and for backends.
    output('ApiFunction', functions.api?.functionName ?? '', 'The server API: the function to invoke');
    const names = Object.entries(tables).map(([name, { tableName }]) => `${name}=${tableName}`);
    output('Tables', Fn.join(',', names), 'The names of the tables');
    output('Url', url, 'Connect here: npx wscat -c URL');
  }
}
