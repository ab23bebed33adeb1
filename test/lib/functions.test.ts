import { expect, test } from 'vitest';
import { settings } from '../../lib/settings.ts';
import { commands, limits } from '../../protocol/index.ts';
import { all, functionOf, one, refersTo, routeOf, templateOf } from './template.ts';

const template = templateOf('dev');
const routeKeys = [...commands.map(({ type }) => type), '$default', '$disconnect'];

test('a deletion of a user waits for longer than the function of a command runs', () => {
  const timeouts = routeKeys.map((key) => functionOf(template, key)[1].Properties.Timeout as number);
  // The server API hands a call on within seconds, to a function that Lambda may have to start first: that takes up to 10.
  expect(limits.callLife).toBeGreaterThanOrEqual(Math.max(...timeouts) * 1000 + 20_000);
});

test('there is a route for every message type, for other frames, and for the end', () => {
  const keys = all(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);
  expect(keys.toSorted()).toEqual(routeKeys.toSorted());
});

test('functions, roles and log groups are as many as the routes, the queue and the server API’s two, and nothing else runs', () => {
  for (const type of ['Lambda::Function', 'IAM::Role', 'Logs::LogGroup']) {
    expect(all(template, `AWS::${type}`), type).toHaveLength(routeKeys.length + 3);
  }
  expect(all(template, 'AWS::Lambda::Permission')).toHaveLength(routeKeys.length);
  // Two services fit into a stack, which may have 500 resources.
  expect(all(template, 'AWS::IAM::Policy')).toEqual([]);
  expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(250);
});

test('no two functions share a role, a log group or their code', () => {
  const functions = all(template, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties);
  for (const share of [
    (each: (typeof functions)[0]) => refersTo(each.Role),
    (each: (typeof functions)[0]) => refersTo(each.LoggingConfig.LogGroup),
    (each: (typeof functions)[0]) => each.Code.S3Key,
  ]) {
    expect(new Set(functions.map(share)).size).toBe(functions.length);
  }
});

test.each(routeKeys)('%s reaches its function, and API Gateway may invoke it', (key) => {
  const [, route] = routeOf(template, key);
  const [functionId] = functionOf(template, key);
  const [, { Properties: permission }] = one(
    template,
    'AWS::Lambda::Permission',
    ({ Properties }) => refersTo(Properties.FunctionName) === functionId,
  );
  const [integrationId] = one(
    template,
    'AWS::ApiGatewayV2::Integration',
    ({ Properties }) =>
      Properties.IntegrationType === 'AWS_PROXY' &&
      JSON.stringify(Properties.IntegrationUri).includes(functionId),
  );
  expect(refersTo(route.Properties.Target['Fn::Join'][1][1])).toBe(integrationId);
  expect(permission.Principal).toBe('apigateway.amazonaws.com');
  expect(permission.Action).toBe('lambda:InvokeFunction');
  const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  expect(permission.SourceArn['Fn::Join'][1].slice(-2)).toEqual([{ Ref: apiId }, `/*${key}`]);
});

test('functions and their roles have distinct names, also in a console', () => {
  for (const [key, word] of [
    ['$default', 'DefaultRoute'],
    ['$disconnect', 'Disconnect'],
    ['SEND_MESSAGE', 'SendMessage'],
  ] as const) {
    const [id, { Properties }] = functionOf(template, key);
    expect(id).toMatch(new RegExp(`^${word}Function`));
    expect(refersTo(Properties.Role)).toMatch(new RegExp(`^${word}Role`));
  }
});

test.each(routeKeys)('the function of %s states its memory, its timeout and its architecture', (key) => {
  const [, { Properties }] = functionOf(template, key);
  expect(Properties).toMatchObject({
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    LoggingConfig: { LogFormat: 'JSON' },
  });
  expect(Properties.MemorySize).toBeGreaterThanOrEqual(128);
  // API Gateway waits no longer.
  expect(Properties.Timeout).toBeLessThanOrEqual(29);
});

test.each([
  ['dev', 14, template],
  ['prod', 90, templateOf('prod')],
] as const)('in stage %s, logs are kept for %d days', (_, days, ofStage) => {
  for (const [id, { Properties }] of all(ofStage, 'AWS::Logs::LogGroup')) {
    expect(Properties.RetentionInDays, id).toBe(days);
  }
});

test('functions have the tables, the callback address, other functions and the settings, in no variable reserved by Lambda', () => {
  const known = new Set([
    ...all(template, 'AWS::DynamoDB::GlobalTable').map(
      ([id]) => `${id.replace(/[0-9A-F]{8}$/, '').toUpperCase()}_TABLE`,
    ),
    ...Object.values(settings).map(({ variable }) => variable),
    'CALLBACK_URL',
    'FUNCTIONS',
    'POWERTOOLS_SERVICE_NAME',
    'QUEUE_URL',
  ]);
  const variables = all(template, 'AWS::Lambda::Function').flatMap(([, { Properties }]) =>
    Object.keys(Properties.Environment?.Variables ?? {}),
  );
  expect(new Set(variables)).toEqual(known);
  expect(variables.filter((name) => /^(AWS_|LAMBDA_|_)|^TZ$/.test(name))).toEqual([]);
});

test('only a function fed from its own queue may call itself, since Lambda would drop the 17th page of a large group', () => {
  const mayLoop = all(template, 'AWS::Lambda::Function').filter(
    ([, { Properties }]) => Properties.RecursiveLoop,
  );
  const [, { Properties: mapping }] = one(template, 'AWS::Lambda::EventSourceMapping', () => true);
  expect(mayLoop.map(([id, { Properties }]) => [id, Properties.RecursiveLoop])).toEqual([
    [refersTo(mapping.FunctionName), 'Allow'],
  ]);
});
