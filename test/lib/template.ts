import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { StageName } from '../../lib/config.ts';
import { ParleyStack } from '../../lib/parley-stack.ts';

/** A resource as CloudFormation has it. */
export interface Resource {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, each its own.
  Properties: any;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

const templates = new Map<string, Template>();

/** What the stack of a stage deploys. Bundled and synthesized once, then shared by all files of the worker. */
export function templateOf(stage: StageName, context: Record<string, string> = {}): Template {
  const key = JSON.stringify([stage, context]);
  const template =
    templates.get(key) ??
    Template.fromStack(new ParleyStack(new App({ context: { stage, ...context } }), 'Parley'));
  templates.set(key, template);
  return template;
}

/** All resources of a type, by logical id. */
export const all = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type)) as [string, Resource][];

/** The one resource of a type that a test means. */
export function one(
  template: Template,
  type: string,
  isIt: (resource: Resource) => boolean,
): [string, Resource] {
  const found = all(template, type).filter(([, resource]) => isIt(resource));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources of ${type} fit, not one`);
  return found[0];
}

/** The logical id that a value refers to by `Ref` or `Fn::GetAtt`. */
export function refersTo(value: unknown): string {
  const { Ref: ref, 'Fn::GetAtt': [id] = [] } = value as { Ref?: string; 'Fn::GetAtt'?: string[] };
  if (ref === undefined && id === undefined) throw new Error(`${JSON.stringify(value)} refers to nothing`);
  return ref ?? (id as string);
}

/** The function behind a route, with its logical id. */
export function functionOf(template: Template, routeKey: string): [string, Resource] {
  return one(
    template,
    'AWS::Lambda::Function',
    ({ Properties }) => Properties.Description === `Parley: ${routeKey}`,
  );
}

/** The route of a key, with its logical id. */
export const routeOf = (template: Template, routeKey: string): [string, Resource] =>
  one(template, 'AWS::ApiGatewayV2::Route', ({ Properties }) => Properties.RouteKey === routeKey);

/** A table by its id in lib/tables.ts, with its logical id: the same and a hash. */
export function tableOf(template: Template, name: string): [string, Resource] {
  const tables = all(template, 'AWS::DynamoDB::GlobalTable');
  const found = tables.filter(([id]) => id.slice(0, -8) === name);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} tables are ${name}, not one`);
  return found[0];
}

/** A statement of a policy. */
export interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

/** What a function's role allows. */
export function statementsOf(template: Template, { Properties }: Resource): Statement[] {
  const role = template.toJSON().Resources[refersTo(Properties.Role)];
  return role.Properties.Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) => PolicyDocument.Statement,
  );
}
