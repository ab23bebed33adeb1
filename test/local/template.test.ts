import { describe, expect, test } from 'vitest';
import { resolve, type Scope, type Value } from '../../local/template/intrinsics.ts';
import type { CloudModel } from '../../local/template/model.ts';
import { readTemplate } from '../../local/template/read.ts';
import { assemblyOf, stackOf, type Template } from './stack.ts';

const CALLBACK = 'http://127.0.0.1:1';

function read(edit: (template: Template) => void): CloudModel {
  const template = stackOf({ $default: { handler: 'echo' } });
  edit(template);
  return readTemplate(assemblyOf(template), CALLBACK);
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation's own.
const scope: Scope = {
  ref: (name) => `<${name}>`,
  attribute: (resource, attribute) => `<${resource}.${attribute}>`,
  condition: (name) => name === 'Yes',
};

describe('intrinsic functions', () => {
  test.each<[string, Value, unknown]>([
    ['Ref', { Ref: 'A' }, '<A>'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['A', 'B.C'] }, '<A.B.C>'],
    ['GetAtt as text', { 'Fn::GetAtt': 'A.B' }, '<A.B>'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'A' }, 'b']] }, 'a-<A>-b'],
    ['Sub', { 'Fn::Sub': 'a ${A} ${A.B} ${!A}' }, 'a <A> <A.B> ${A}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}/${B}', { A: { Ref: 'C' } }] }, '<C>/<B>'],
    ['Select', { 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    ['Split', { 'Fn::Split': ['/', 'a/b'] }, ['a', 'b']],
    ['Select of Split', { 'Fn::Select': ['0', { 'Fn::Split': [':', { Ref: 'A' }] }] }, '<A>'],
    ['If, when it holds', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
    ['If, when not', { 'Fn::If': ['No', 'a', { Ref: 'B' }] }, '<B>'],
    ['Equals', { 'Fn::Equals': [{ Ref: 'A' }, '<A>'] }, true],
    ['Not', { 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    ['And', { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
    ['Or', { 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': ['a', 'a'] }] }, true],
    ['what is none', { a: [1, null, true, { b: 'c' }] }, { a: [1, null, true, { b: 'c' }] }],
    [
      'NoValue',
      { a: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, b: [{ Ref: 'AWS::NoValue' }, 2] },
      { b: [2] },
    ],
  ])('%s', (_, value, expected) => {
    expect(resolve(value, scope)).toEqual(expected);
  });

  test('an unknown function is named', () => {
    expect(() => resolve({ a: { 'Fn::Cidr': [] } }, scope)).toThrow('intrinsic function Fn::Cidr');
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above.

describe('the model', () => {
  test("has tables in DynamoDB's words, with indexes and time to live, of both resource types", () => {
    const { tables } = read(({ Resources }) => {
      const { Properties } = Resources.Things as { Properties: object };
      Resources.Global = { Type: 'AWS::DynamoDB::GlobalTable', Properties: { ...Properties, Replicas: [] } };
    });
    const create = {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    };
    const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/';
    expect(tables).toEqual(
      ['Things', 'Global'].map((name) => ({
        name,
        arn: arn + name,
        create: { TableName: name, ...create },
        ttl: 'expires',
      })),
    );
  });

  test('has the statements of a role, inline and attached, resolved', () => {
    const statement = (Action: unknown, Resource: unknown) => ({
      Statement: [{ Effect: 'Allow', Action, Resource }],
    });
    const { functions } = read(({ Resources }) => {
      const policy = statement('dynamodb:GetItem', { 'Fn::GetAtt': ['Things', 'Arn'] });
      Resources.SdefaultRole = {
        Type: 'AWS::IAM::Role',
        Properties: { Policies: [{ PolicyDocument: statement(['a:B', 'a:C'], '*') }] },
      };
      for (const [id, role] of [
        ['Mine', 'SdefaultRole'],
        ['Theirs', 'Api'],
      ] as const)
        Resources[id] = {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { PolicyDocument: policy, Roles: [{ Ref: role }] },
        };
    });
    expect(functions[0]?.statements).toEqual([
      { effect: 'Allow', actions: ['a:B', 'a:C'], resources: ['*'] },
      {
        effect: 'Allow',
        actions: ['dynamodb:GetItem'],
        resources: ['arn:aws:dynamodb:us-east-1:000000000000:table/Things'],
      },
    ]);
  });

  test('leaves out resources whose condition is false, and uses the defaults of parameters', () => {
    const { tables, functions } = read((template) => {
      template.Parameters = { Size: { Type: 'String', Default: 'small' } };
      template.Conditions = {
        Large: { 'Fn::Equals': [{ Ref: 'Size' }, 'large'] },
        Small: { 'Fn::Not': [{ Condition: 'Large' }] },
      };
      const { Things, SdefaultFunction } = template.Resources;
      if (Things === undefined || SdefaultFunction === undefined) throw new Error('the fixture has them');
      template.Resources.Others = { ...Things, Condition: 'Large' };
      Things.Condition = 'Small';
      SdefaultFunction.Properties.Environment.Variables.SIZE = { 'Fn::If': ['Large', 'L', { Ref: 'Size' }] };
    });
    expect(tables.map(({ name }) => name)).toEqual(['Things']);
    expect(functions[0]?.environment).toEqual({ SIZE: 'small' });
  });

  test('has a response for a route that has one and selects it', () => {
    const responses = (edit: (template: Template) => void) =>
      read(edit).routes.map(({ response }) => response);
    expect(responses(() => {})).toEqual([true]);
    expect(responses(({ Resources }) => void delete Resources.SdefaultResponse)).toEqual([false]);
    const properties = ({ Resources }: Template) => Resources.SdefaultRoute?.Properties;
    expect(
      responses((template) => void delete properties(template).RouteResponseSelectionExpression),
    ).toEqual([false]);
  });

  test('names the resource types that it does not know', () => {
    const { ignored } = read(({ Resources }) => {
      for (const id of ['One', 'Two']) Resources[id] = { Type: 'AWS::SNS::Topic' };
      Resources.Log = { Type: 'AWS::Logs::LogGroup' };
    });
    expect(ignored).toEqual(['AWS::SNS::Topic']);
  });

  test('has the local address in the callback URL, and nowhere else', () => {
    const { functions } = read(({ Resources }) => {
      const { Variables } = Resources.SdefaultFunction?.Properties.Environment ?? {};
      const host = { 'Fn::Sub': 'https://$' + '{Api}.execute-api.$' + '{AWS::Region}.amazonaws.com/x' };
      Object.assign(Variables, { URL: host, OTHER: 'https://example.amazonaws.com/x' });
    });
    expect(functions[0]?.environment).toEqual({
      URL: `${CALLBACK}/x`,
      OTHER: 'https://example.amazonaws.com/x',
    });
  });
});

describe('a template that could not run is refused', () => {
  const properties = ({ Resources }: Template, id: string) => Resources[id]?.Properties ?? {};
  test.each<[string, (template: Template) => void, string]>([
    [
      'a route that may not invoke its function',
      ({ Resources }) => void delete Resources.SdefaultPermission,
      'for the route $default',
    ],
    [
      'a permission for another route',
      (template) =>
        (properties(template, 'SdefaultPermission').SourceArn =
          'arn:aws:execute-api:us-east-1:000000000000:Api/*ping'),
      'for the route $default',
    ],
    [
      'a route with no function',
      (template) => (properties(template, 'SdefaultIntegration').IntegrationUri = 'https://example.com'),
      'The route $default has no Lambda',
    ],
    [
      'a route with an authorizer',
      (template) => (properties(template, 'SdefaultRoute').AuthorizationType = 'AWS_IAM'),
      'AWS_IAM',
    ],
    [
      'a route selection that is no path',
      (template) => (properties(template, 'Api').RouteSelectionExpression = '$request.header.x'),
      'route selection $request.header.x',
    ],
    [
      'code that is not there',
      (template) => (properties(template, 'SdefaultFunction').Code.S3Key = 'x'),
      'not in this assembly',
    ],
    [
      'a reference to nothing',
      (template) => (properties(template, 'SdefaultFunction').Timeout = { Ref: 'Nobody' }),
      'Nobody',
    ],
    ['no API', ({ Resources }) => void delete Resources.Api, 'no WebSocket API'],
    [
      'a policy by its exceptions',
      (template) =>
        (properties(template, 'SdefaultPolicy').PolicyDocument.Statement = [
          { Effect: 'Allow', NotAction: 'x', Resource: '*' },
        ]),
      'NotAction',
    ],
    [
      'a policy with a condition that it cannot judge',
      (template) =>
        (properties(template, 'SdefaultPolicy').PolicyDocument.Statement = [
          { Effect: 'Allow', Action: 'x', Resource: '*', Condition: { Bool: {} } },
        ]),
      'the condition Bool',
    ],
  ])('%s', (_, edit, message) => {
    expect(() => read(edit)).toThrow(message);
  });
});
