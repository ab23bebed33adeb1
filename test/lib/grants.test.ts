import { expect, test } from 'vitest';
import type { Grants } from '../../lambdas/runtime/grants.ts';
import { commandRoutes, type FunctionName, grantsOf } from '../../lib/functions.ts';
import { commands } from '../../protocol/index.ts';
import {
  all,
  functionOf,
  one,
  refersTo,
  type Statement,
  statementsOf,
  tableOf,
  templateOf,
} from './template.ts';

const template = templateOf('dev');
const nameOf: Readonly<Record<string, FunctionName>> = {
  ...Object.fromEntries(commandRoutes.map(({ name, route }) => [route.command.type, name])),
  $default: 'defaultRoute',
  $disconnect: 'disconnect',
  api: 'serverApi',
  operator: 'operator',
};
const keys = Object.keys(nameOf);

/** What the row of a route's function says. */
const saidOf = (key: string): Grants => grantsOf(nameOf[key] as FunctionName);

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Every action with every resource that a role allows it on, one to a line. */
const linesOf = (statements: Statement[]): string[] =>
  statements
    .flatMap(({ Effect, Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((on) => `${Effect} ${action} ${readable(on)}`)),
    )
    .toSorted();

const rightsOf = (routeKey: string): string[] =>
  linesOf(statementsOf(template, functionOf(template, routeKey)[1]));

/** A resource's ARN with logical ids in braces. */
function readable(arn: unknown): string {
  if (typeof arn === 'string') return arn;
  const { 'Fn::Join': join } = arn as { 'Fn::Join'?: [string, unknown[]] };
  return join ? join[1].map(readable).join(join[0]) : `{${refersTo(arn)}}`;
}

const [queueId] = one(
  template,
  'AWS::SQS::Queue',
  ({ Properties }) => Properties.RedrivePolicy !== undefined,
);

const tableId = (name: string): string => tableOf(template, name)[0];

/** What a row gives, in the same words. */
function granted(
  { tables, connections, fanOutQueue, commandFunctions }: Grants,
  logId: string,
  apiId: string,
): string[] {
  const onTables = Object.entries(tables).flatMap(([name, actions]) =>
    actions.map((each) => {
      const [action, index] = each.split(' ');
      return `Allow dynamodb:${action} {${tableId(name)}}${index ? `/index/${index}` : ''}`;
    }),
  );
  const stage = `arn:{AWS::Partition}:execute-api:{AWS::Region}:{AWS::AccountId}:{${apiId}}/dev`;
  const onConnections = connections.map(
    (verb) => `Allow execute-api:ManageConnections ${stage}/${verb}/@connections/*`,
  );
  const onLog = ['CreateLogStream', 'PutLogEvents'].map((action) => `Allow logs:${action} {${logId}}`);
  const onQueue = fanOutQueue ? [`Allow sqs:SendMessage {${queueId}}`] : [];
  const invoked = {
    all: [...commands.filter(({ notAsUser }) => !notAsUser).map(({ type }) => type), 'operator'],
    'of clients': commands.map(({ type }) => type),
  };
  const onFunctions = (commandFunctions ? invoked[commandFunctions] : []).map(
    (key) => `Allow lambda:InvokeFunction {${functionOf(template, key)[0]}}`,
  );
  return [...onLog, ...onTables, ...onConnections, ...onQueue, ...onFunctions].toSorted();
}

test.each(keys)(
  'the role of %s has the rights of its row in lambdas/routes.ts, and that to write its log',
  (key) => {
    const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
    const [, { Properties }] = functionOf(template, key);
    expect(rightsOf(key)).toEqual(granted(saidOf(key), refersTo(Properties.LoggingConfig.LogGroup), apiId));
  },
);

test('the function that the queue feeds may also receive from it', () => {
  const [, { Properties: mapping }] = one(template, 'AWS::Lambda::EventSourceMapping', () => true);
  const functionId = refersTo(mapping.FunctionName);
  const [, lambda] =
    all(template, 'AWS::Lambda::Function').find(([id]) => id === functionId) ??
    one(template, functionId, Boolean);
  const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  const rights = granted(grantsOf('fanOut'), refersTo(lambda.Properties.LoggingConfig.LogGroup), apiId);
  const received = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  expect(linesOf(statementsOf(template, lambda))).toEqual(
    [...rights, ...received.map((action) => `Allow sqs:${action} {${queueId}}`)].toSorted(),
  );
});

test('no role allows wildcard actions or all resources, and none but the operator’s a scan', () => {
  const rights = keys.flatMap((key) =>
    rightsOf(key).filter((right) => key !== 'operator' || !right.startsWith('Allow dynamodb:Scan ')),
  );
  expect(rights.length).toBeGreaterThan(keys.length);
  // The one star is for connection ids, which API Gateway makes.
  const loose = rights.filter((right) => /\*|Scan/i.test(right.replace(/\/@connections\/\*$/, '')));
  expect(loose).toEqual([]);
});

test('no role has rights from elsewhere: managed policies, policies of their own, other principals', () => {
  for (const [id, { Properties }] of all(template, 'AWS::IAM::Role')) {
    expect(Object.keys(Properties).toSorted(), id).toEqual(['AssumeRolePolicyDocument', 'Policies', 'Tags']);
    expect(Properties.Policies, id).toHaveLength(1);
    expect(Properties.AssumeRolePolicyDocument.Statement, id).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  }
});

test.each(keys)('%s has the names of the tables that it may use, and of no others', (key) => {
  const { tables, connections } = saidOf(key);
  const [, { Properties }] = functionOf(template, key);
  const expected = Object.keys(tables).map((name) => [`${name.toUpperCase()}_TABLE`, { Ref: tableId(name) }]);
  const { CALLBACK_URL: callback, ...variables } = Properties.Environment?.Variables ?? {};
  const ofTables = Object.entries(variables).filter(([name]) => name.endsWith('_TABLE'));
  expect(Object.fromEntries(ofTables)).toEqual(Object.fromEntries(expected));
  expect(callback !== undefined).toBe(connections.length > 0);
});

test('only $default and the server API may invoke other functions', () => {
  for (const key of keys.filter((each) => each !== '$default' && each !== 'api'))
    expect(JSON.stringify(statementsOf(template, functionOf(template, key)[1])), key).not.toContain(
      'lambda:',
    );
});
