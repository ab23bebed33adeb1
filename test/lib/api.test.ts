import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { expect, test } from 'vitest';
import { HASHING } from '../../lambdas/runtime/route.ts';
import { accessLogOf } from '../../lib/access-log.ts';
import { commands } from '../../protocol/index.ts';
import { all, one, refersTo, routeOf, templateOf } from './template.ts';

const template = templateOf('dev');

test('the API is a WebSocket one, and selects routes by type', () => {
  const [, { Properties }] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  expect(Properties).toMatchObject({
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.type',
  });
});

test('its only stage deploys changes, and is throttled', () => {
  const [, { Properties }] = one(template, 'AWS::ApiGatewayV2::Stage', () => true);
  expect(Properties).toMatchObject({ StageName: 'dev', AutoDeploy: true });
  expect(Properties.DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
  expect(Properties.DefaultRouteSettings.ThrottlingBurstLimit).toBeGreaterThan(0);
});

test('a route that runs scrypt has its own throttle, and the stage depends on the route', () => {
  const [, { Properties, DependsOn }] = one(template, 'AWS::ApiGatewayV2::Stage', () => true);
  expect(Object.keys(Properties.RouteSettings).toSorted()).toEqual([
    '$default',
    'change_password',
    'delete_account',
    'login',
    'register',
  ]);
  const { $default: _, ...hashing } = Properties.RouteSettings;
  const limits = { ThrottlingRateLimit: HASHING.perSecond, ThrottlingBurstLimit: HASHING.burst };
  for (const throttle of Object.values(hashing)) expect(throttle).toEqual(limits);
  for (const [key, { ThrottlingRateLimit }] of Object.entries<{ ThrottlingRateLimit: number }>(
    Properties.RouteSettings,
  )) {
    expect(ThrottlingRateLimit).toBeLessThan(Properties.DefaultRouteSettings.ThrottlingRateLimit);
    const [id] = one(template, 'AWS::ApiGatewayV2::Route', (route) => route.Properties.RouteKey === key);
    expect(DependsOn).toContain(id);
  }
});

test('API Gateway logs nothing of messages', () => {
  const [, { Properties }] = one(template, 'AWS::ApiGatewayV2::Stage', () => true);
  expect(Properties.DefaultRouteSettings.DataTraceEnabled ?? false).toBe(false);
  expect(Properties).not.toHaveProperty('AccessLogSettings');
});

test('an access log has no query string, no body and no address', () => {
  const stack = new Stack(new App(), 'Parley');
  const { destination, format } = accessLogOf(stack, RetentionDays.TWO_WEEKS);
  expect(destination).toBeDefined();
  expect(all(Template.fromStack(stack), 'AWS::Logs::LogGroup')).toMatchObject([
    [expect.anything(), { Properties: { RetentionInDays: 14 } }],
  ]);
  const written = String(format);
  expect(written).toContain('"requestId":"$context.requestId"');
  expect(written).not.toMatch(/body|query|path|ip|agent|authorizer|user/i);
});

test('-c accessLogs=maybe is refused', () => {
  expect(() => templateOf('dev', { accessLogs: 'maybe' })).toThrow(
    '-c accessLogs=maybe: must be true or false',
  );
});

// With a response, API Gateway sends an empty frame after a login, which posts its reply itself.
test('every command but login answers in band; login, $default and $disconnect have no response', () => {
  const expected = commands.map(({ type }) => type).filter((type) => type !== 'login');
  const routes = new Map(
    all(template, 'AWS::ApiGatewayV2::Route').map(([id, { Properties }]) => [id, Properties]),
  );
  const responses = all(template, 'AWS::ApiGatewayV2::RouteResponse').map(([, { Properties }]) => {
    expect(Properties.RouteResponseKey).toBe('$default');
    return routes.get(refersTo(Properties.RouteId)).RouteKey;
  });
  expect(responses.toSorted()).toEqual(expected.toSorted());
  for (const key of ['login', '$default', '$disconnect']) {
    expect(routeOf(template, key)[1].Properties).not.toHaveProperty('RouteResponseSelectionExpression');
  }
});

test('the deployment outputs its URL', () => {
  const { Value: value } = template.toJSON().Outputs.Url;
  const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  const [separator, parts] = value['Fn::Join'];
  const url = parts.map((part: unknown) => (typeof part === 'string' ? part : `{${refersTo(part)}}`));
  expect(url.join(separator)).toBe(`wss://{${apiId}}.execute-api.{AWS::Region}.{AWS::URLSuffix}/dev`);
});
