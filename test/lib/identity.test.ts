import { describe, expect, test } from 'vitest';
import { all, functionOf, one, statementsOf, templateOf } from './template.ts';

const provider = { jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' };
const AUTHORIZER = 'AWS::ApiGatewayV2::Authorizer';
const keysOf = (template: ReturnType<typeof templateOf>) =>
  all(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.RouteKey);

/** The actions that a function's role allows, but for its own log. */
function rightsOf(template: ReturnType<typeof templateOf>, description: string): string[] {
  const [, lambda] = one(
    template,
    'AWS::Lambda::Function',
    (each) => each.Properties.Description === description,
  );
  return statementsOf(template, lambda)
    .flatMap(({ Action }) => Action)
    .filter((action) => !action.startsWith('logs:'));
}

test('without settings that need it, there is no $connect', () => {
  for (const template of [templateOf('dev'), templateOf('dev', provider)]) {
    expect(keysOf(template)).not.toContain('$connect');
    expect(all(template, AUTHORIZER)).toEqual([]);
  }
});

describe('with an identity provider', () => {
  const template = templateOf('dev', provider);

  test('login may also create the user and fill their profile, and reads no session', () => {
    const tables = (of: ReturnType<typeof templateOf>) => {
      const [, { Properties }] = functionOf(of, 'login');
      return Object.keys(Properties.Environment.Variables).filter((name) => name.endsWith('_TABLE'));
    };
    const [own, others] = [tables(templateOf('dev')), tables(template)];
    expect(others.filter((name) => !own.includes(name))).toEqual(['DIRECTORY_TABLE', 'PROFILES_TABLE']);
    expect(own.filter((name) => !others.includes(name))).toEqual(['SESSIONS_TABLE']);
    expect(rightsOf(template, 'Parley: login')).not.toContain('dynamodb:Scan');
  });

  test('login hashes no passwords: it needs no whole core, and has no limit of its own', () => {
    const [, { Properties }] = functionOf(template, 'login');
    expect(Properties.MemorySize).toBe(512);
    const [, stage] = one(template, 'AWS::ApiGatewayV2::Stage', () => true);
    expect(stage.Properties.RouteSettings).not.toHaveProperty('login');
  });

  test("the functions have the provider's settings", () => {
    const [, { Properties }] = functionOf(template, 'login');
    expect(Properties.Environment.Variables).toMatchObject({
      JWT_ISSUER: 'https://issuer.example',
      JWT_AUDIENCE: 'chat',
      USERNAME_CLAIM: 'sub',
    });
  });
});

test('with allowed origins, $connect checks them, and may do nothing but answer a frame', () => {
  const template = templateOf('dev', { allowedOrigins: 'https://a.example' });
  expect(keysOf(template)).toContain('$connect');
  expect(rightsOf(template, 'Parley: $connect')).toEqual(['execute-api:ManageConnections']);
});

test.each([
  [{ jwtIssuer: 'https://issuer.example' }, 'needs -c jwtAudience'],
  [
    { ...provider, jwksUri: 'http://keys.example/jwks' },
    '-c jwksUri=http://keys.example/jwks: must be like https',
  ],
  [
    { ...provider, jwtIssuer: 'http://issuer.example' },
    '-c jwtIssuer=http://issuer.example: must be like https',
  ],
  [{ allowedOrigins: 'chat.example' }, '-c allowedOrigins=chat.example: must be like'],
])('%j is refused', (context, message) => {
  expect(() => templateOf('dev', context as Record<string, string>)).toThrow(message);
});
