import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** A resource of a template. */
interface Resource {
  Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes, each its own.
  Properties?: any;
  Condition?: string;
}

/** A template, as a test writes it. */
export interface Template {
  Resources: Record<string, Resource>;
  Conditions?: Record<string, unknown>;
  Parameters?: Record<string, unknown>;
}

/** A function of the fixture and the route to it. */
export interface RouteOptions {
  /** What `fixtures/code/index.mjs` exports. */
  handler: string;
  /** Whether what it returns is sent. */
  response?: boolean;
  /** Seconds (25: nothing that a busy machine does takes so long). */
  timeout?: number;
  environment?: Record<string, unknown>;
  statements?: object[];
}

const code = fileURLToPath(new URL('./fixtures/code', import.meta.url));

/** A template with these routes, by their keys, and a table `Things`: what the CDK would make of it. */
export function stackOf(routes: Record<string, RouteOptions>): Template {
  const all = Object.entries(routes).map(([key, options]) => routeResources(key, options));
  return {
    Resources: {
      Api: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.type' },
      },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ApiId: { Ref: 'Api' }, StageName: 'test' } },
      Things: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        },
      },
      ...Object.assign({}, ...all),
    },
  };
}

function routeResources(key: string, options: RouteOptions): Record<string, Resource> {
  const { handler, response = true, timeout = 25, environment = {}, statements = [] } = options;
  const id = key.replace('$', 'S');
  const target = { 'Fn::Join': ['', ['integrations/', { Ref: `${id}Integration` }]] };
  const lambda = { 'Fn::GetAtt': [`${id}Function`, 'Arn'] };
  return {
    [`${id}Role`]: { Type: 'AWS::IAM::Role', Properties: {} },
    [`${id}Policy`]: {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyDocument: { Statement: statements }, Roles: [{ Ref: `${id}Role` }] },
    },
    [`${id}Function`]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Code: { S3Key: 'code.zip' },
        Handler: `index.${handler}`,
        Timeout: timeout,
        MemorySize: 256,
        Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        Environment: { Variables: environment },
      },
    },
    [`${id}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        IntegrationUri: { 'Fn::Sub': [`arn:aws:apigateway::functions/\${on}/invocations`, { on: lambda }] },
      },
    },
    [`${id}Route`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        RouteKey: key,
        Target: target,
        ...(response && { RouteResponseSelectionExpression: '$default' }),
      },
    },
    [`${id}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: lambda,
        Principal: 'apigateway.amazonaws.com',
        SourceArn: { 'Fn::Sub': `arn:aws:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${Api}/*${key}` },
      },
    },
    ...(response && {
      [`${id}Response`]: {
        Type: 'AWS::ApiGatewayV2::RouteResponse',
        Properties: { RouteId: { Ref: `${id}Route` }, RouteResponseKey: '$default' },
      },
    }),
  };
}

/** A folder that is gone after the file's tests. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes it as the CDK writes an assembly; the functions' code is the fixture's. */
export function assemblyOf(template: Template, folder = tempFolder()): string {
  const asset = {
    source: { path: relative(folder, code) },
    destinations: { here: { objectKey: 'code.zip' } },
  };
  writeFileSync(join(folder, 'Fixture.template.json'), JSON.stringify(template));
  writeFileSync(join(folder, 'Fixture.assets.json'), JSON.stringify({ files: { code: asset } }));
  return folder;
}
