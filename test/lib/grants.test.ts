import { expect, test } from 'vitest';
import { type Grants, grants } from '../../lib/grants.ts';
import { commands } from '../../protocol/index.ts';
import { all, functionOf, one, refersTo, tableOf, templateOf } from './template.ts';

const template = templateOf('dev');
const lambdaOf: Record<string, string> = {
  ...Object.fromEntries(commands.map(({ type, lambda }) => [type, lambda])),
  $default: 'default',
  $disconnect: 'disconnect',
};

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function statementsOf(routeKey: string): Statement[] {
  const [, { Properties }] = functionOf(template, routeKey);
  const roleId = refersTo(Properties.Role);
  const [, policy] = one(
    template,
    'AWS::IAM::Policy',
    (each) => refersTo(each.Properties.Roles[0]) === roleId,
  );
  return policy.Properties.PolicyDocument.Statement;
}

/** Every action with every resource that a role allows it on, one to a line. */
const linesOf = (statements: Statement[]): string[] =>
  statements
    .flatMap(({ Effect, Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((on) => `${Effect} ${action} ${readable(on)}`)),
    )
    .toSorted();

const rightsOf = (routeKey: string): string[] => linesOf(statementsOf(routeKey));

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

/** What lib/grants.ts gives, in the same words. */
function granted(
  { tables, posts, closes, looks, later, invokes }: Grants,
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
  const verbs = [...(posts ? ['POST'] : []), ...(closes ? ['DELETE'] : []), ...(looks ? ['GET'] : [])];
  const onConnections = verbs.map(
    (verb) => `Allow execute-api:ManageConnections ${stage}/${verb}/@connections/*`,
  );
  const onLog = ['CreateLogStream', 'PutLogEvents'].map((action) => `Allow logs:${action} {${logId}}`);
  const onQueue = later ? [`Allow sqs:SendMessage {${queueId}}`] : [];
  const onFunctions = invokes
    ? commands.map(({ type }) => `Allow lambda:InvokeFunction {${functionOf(template, type)[0]}}`)
    : [];
  return [...onLog, ...onTables, ...onConnections, ...onQueue, ...onFunctions].toSorted();
}

test.each(Object.keys(lambdaOf))(
  'the role of %s may do what lib/grants.ts says, and write its log: no more',
  (key) => {
    const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
    const [, { Properties }] = functionOf(template, key);
    const rights = grants[lambdaOf[key] ?? ''] as Grants;
    expect(rightsOf(key)).toEqual(granted(rights, refersTo(Properties.LoggingConfig.LogGroup), apiId));
  },
);

test('the function that the queue feeds may receive from it besides', () => {
  const [, { Properties: mapping }] = one(template, 'AWS::Lambda::EventSourceMapping', () => true);
  const functionId = refersTo(mapping.FunctionName);
  const [, { Properties }] =
    all(template, 'AWS::Lambda::Function').find(([id]) => id === functionId) ??
    one(template, functionId, Boolean);
  const [, policy] = one(
    template,
    'AWS::IAM::Policy',
    (each) => refersTo(each.Properties.Roles[0]) === refersTo(Properties.Role),
  );
  const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  const rights = granted(grants['fan-out'] as Grants, refersTo(Properties.LoggingConfig.LogGroup), apiId);
  const received = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  expect(linesOf(policy.Properties.PolicyDocument.Statement)).toEqual(
    [...rights, ...received.map((action) => `Allow sqs:${action} {${queueId}}`)].toSorted(),
  );
});

test('no role allows a wildcard of actions, a scan, or whatever resource', () => {
  const rights = Object.keys(lambdaOf).flatMap(rightsOf);
  expect(rights.length).toBeGreaterThan(Object.keys(lambdaOf).length);
  // The one star is for connection ids, which API Gateway makes.
  const loose = rights.filter((right) => /\*|Scan/i.test(right.replace(/\/@connections\/\*$/, '')));
  expect(loose).toEqual([]);
});

test('no role has rights from elsewhere: managed policies, inline policies, other principals', () => {
  for (const [id, { Properties }] of all(template, 'AWS::IAM::Role')) {
    expect(Object.keys(Properties).toSorted(), id).toEqual(['AssumeRolePolicyDocument']);
    expect(Properties.AssumeRolePolicyDocument.Statement, id).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  }
});

test.each(Object.keys(lambdaOf))('%s is told of the tables it may use, and of no others', (key) => {
  const { tables, posts, looks } = grants[lambdaOf[key] ?? ''] as Grants;
  const [, { Properties }] = functionOf(template, key);
  const expected = Object.keys(tables).map((name) => [`${name.toUpperCase()}_TABLE`, { Ref: tableId(name) }]);
  const { CALLBACK_URL: callback, ...variables } = Properties.Environment?.Variables ?? {};
  const ofTables = Object.entries(variables).filter(([name]) => name.endsWith('_TABLE'));
  expect(Object.fromEntries(ofTables)).toEqual(Object.fromEntries(expected));
  expect(callback !== undefined).toBe(posts === true || looks === true);
});

test('only $default runs other functions', () => {
  for (const key of Object.keys(lambdaOf).filter((each) => each !== '$default'))
    expect(JSON.stringify(statementsOf(key)), key).not.toContain('lambda:');
});
