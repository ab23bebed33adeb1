import { describe, expect, test } from 'vitest';
import { all, functionOf, one, refersTo, routeOf, templateOf } from './template.ts';

const provider = { jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' };
const AUTHORIZER = 'AWS::ApiGatewayV2::Authorizer';
const keysOf = (template: ReturnType<typeof templateOf>) =>
  all(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);

/** The actions that a function's role allows, but for its own log. */
function rightsOf(template: ReturnType<typeof templateOf>, description: string): string[] {
  const [, { Properties }] = one(
    template,
    'AWS::Lambda::Function',
    (each) => each.Properties.Description === description,
  );
  const role = refersTo(Properties.Role);
  const policies = all(template, 'AWS::IAM::Policy').filter(
    ([, policy]) => refersTo(policy.Properties.Roles[0]) === role,
  );
  return policies
    .flatMap(([, policy]) =>
      policy.Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string[] }) => Action),
    )
    .filter((action) => !action.startsWith('logs:'));
}

test('nobody looks at a handshake, if nobody has to', () => {
  const template = templateOf('dev');
  expect(keysOf(template)).not.toContain('$connect');
  expect(all(template, AUTHORIZER)).toEqual([]);
});

describe('with an identity provider', () => {
  const template = templateOf('dev', provider);

  test('each connection is asked for its token, wherever the client put it', () => {
    const [, { Properties }] = routeOf(template, '$connect');
    expect(Properties.AuthorizationType).toBe('CUSTOM');
    const [, authorizer] = one(template, AUTHORIZER, () => true);
    expect(authorizer.Properties).toMatchObject({ AuthorizerType: 'REQUEST' });
    expect(authorizer.Properties.IdentitySource ?? []).toEqual([]);
    expect(authorizer.Properties.AuthorizerResultTtlInSeconds ?? 0).toBe(0);
  });

  test('who checks tokens may do nothing else', () => {
    expect(rightsOf(template, 'Parley: checks tokens at the handshake')).toEqual([]);
  });

  test('$connect may claim the name, make the user, bind the connection and answer a frame, and no more', () => {
    const actions = new Set(rightsOf(template, 'Parley: $connect'));
    expect([...actions].toSorted()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
      'execute-api:ManageConnections',
    ]);
  });

  test('the functions know the provider', () => {
    const [, { Properties }] = functionOf(template, '$connect');
    expect(Properties.Environment.Variables).toMatchObject({
      JWT_ISSUER: 'https://issuer.example',
      JWT_AUDIENCE: 'chat',
      USERNAME_CLAIM: 'sub',
    });
  });
});

test('with allowed origins alone, $connect looks at them and may do nothing but answer a frame', () => {
  const template = templateOf('dev', { allowedOrigins: 'https://a.example' });
  expect(keysOf(template)).toContain('$connect');
  expect(all(template, AUTHORIZER)).toEqual([]);
  expect(rightsOf(template, 'Parley: $connect')).toEqual(['execute-api:ManageConnections']);
});

test.each([
  [{ jwtIssuer: 'https://issuer.example' }, 'needs -c jwtAudience'],
  [
    { ...provider, jwksUri: 'http://keys.example/jwks' },
    '-c jwksUri=http://keys.example/jwks: must be like https',
  ],
  [{ allowedOrigins: 'chat.example' }, '-c allowedOrigins=chat.example: must be like'],
])('%j is refused', (context, message) => {
  expect(() => templateOf('dev', context as Record<string, string>)).toThrow(message);
});
