import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../lib/config.ts';
import { pageConfigIn } from '../../lib/page-config.ts';
import { all, one, templateOf } from './template.ts';

const template = templateOf('dev', { web: 'true' });
const headers = JSON.parse(readFileSync(new URL('../../clients/web/headers.json', import.meta.url), 'utf8'));

test('without -c web=true there is no page', () => {
  const types = Object.values(templateOf('dev').toJSON().Resources as Record<string, { Type: string }>);
  expect(types.filter(({ Type }) => /S3|CloudFront|CDKBucketDeployment/.test(Type))).toEqual([]);
  expect(() => templateOf('dev', { web: 'maybe' })).toThrow('-c web=maybe: must be true or false');
});

test('the files are in a bucket that only CloudFront may read, and only by TLS', () => {
  const [, { Properties }] = one(template, 'AWS::S3::Bucket', () => true);
  expect(Properties.PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  });
  const [, { Properties: policy }] = one(template, 'AWS::S3::BucketPolicy', () => true);
  const readers = policy.PolicyDocument.Statement.filter(
    ({ Effect, Action }: { Effect: string; Action: string }) =>
      Effect === 'Allow' && Action === 's3:GetObject',
  );
  expect(readers).toEqual([
    expect.objectContaining({
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
    }),
  ]);
});

test('the page comes by HTTPS, with the headers that npm start gives it and the socket in them', () => {
  const [, { Properties }] = one(template, 'AWS::CloudFront::Distribution', () => true);
  expect(Properties.DistributionConfig).toMatchObject({
    HttpVersion: 'http2and3',
    DefaultRootObject: 'index.html',
    DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https', Compress: true },
  });
  const [, policy] = one(template, 'AWS::CloudFront::ResponseHeadersPolicy', () => true);
  const config = policy.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  const { ContentSecurityPolicy: given } = config.ContentSecurityPolicy;
  const [, parts] = given['Fn::Join'];
  const [apiId] = one(template, 'AWS::ApiGatewayV2::Api', () => true);
  const text = parts
    .map((part: string | { Ref: string }) => (typeof part === 'string' ? part : `{${part.Ref}}`))
    .join('');
  const socket = `wss://{${apiId}}.execute-api.{AWS::Region}.{AWS::URLSuffix}`;
  expect(text).toBe(
    headers['content-security-policy']
      .replace('SOCKET', socket)
      .replace('HOSTS', "'none'")
      .replace(' PUSH', '')
      .replace('PICTURES', "'self'"),
  );
  expect(config.ReferrerPolicy.ReferrerPolicy).toBe(headers['referrer-policy']);
});

const policyOf = (context: Record<string, string>) => {
  const [, policy] = one(templateOf('dev', context), 'AWS::CloudFront::ResponseHeadersPolicy', () => true);
  return JSON.stringify(policy.Properties.ResponseHeadersPolicyConfig);
};

describe('the pictures that the page shows', () => {
  test('are those of -c pictureHosts, and its own alone without it', () => {
    const pictureHosts = 'https://pictures.example,https://cdn.example:8443';
    expect(policyOf({ web: 'true', pictureHosts })).toContain(
      "img-src 'self' https://pictures.example https://cdn.example:8443;",
    );
    expect(policyOf({ web: 'true' })).toContain("img-src 'self';");
    expect(policyOf({ web: 'true', pictureHosts: 'off' })).toContain("img-src 'self';");
    expect(pageConfigIn({ pictureHosts })).toEqual({
      pictures: ['https://pictures.example', 'https://cdn.example:8443'],
    });
  });

  test.each([
    'pictures.example',
    'http://pictures.example',
    'https://pictures.example/',
    'https://a.example; script-src *',
    'https://a.example;script-src',
    'https://HOSTS',
    'https://*',
    'https:',
    '*',
    'data:',
    '',
  ])('are of https origins, which %j is not', (pictureHosts) => {
    const wrong = () => templateOf('dev', { web: 'true', pictureHosts });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(`-c pictureHosts=${pictureHosts}: must be like https://pictures.example`);
  });
});

describe('the backend that pushes', () => {
  test('is the one of -c webPush, and none without it', () => {
    const webPush = 'https://backend.example/push';
    expect(policyOf({ web: 'true', webPush })).toContain(` ${webPush}/; base-uri`);
    expect(policyOf({ web: 'true', webPush: 'off' })).toMatch(/connect-src 'self' wss:\/\/[^ ]+; base-uri/);
    expect(pageConfigIn({ webPush })).toEqual({ push: webPush });
    expect(pageConfigIn({ webPush: 'http://localhost:8090' })).toEqual({ push: 'http://localhost:8090' });
    expect(pageConfigIn({ webPush: 'off' })).toEqual({});
  });

  test.each([
    'backend.example',
    'http://backend.example',
    'https://backend.example/',
    'https://backend.example/; script-src *',
    'https://backend.example/push?key=1',
    '*',
    '',
  ])('is at an https address, which %j is not', (webPush) => {
    expect(() => pageConfigIn({ webPush })).toThrow(`-c webPush=${webPush}: must be like https://backend.`);
  });
});

describe('the pages that may show this one in a frame', () => {
  const provided = { web: 'true', jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' };

  test('are those of -c pageHosts, and nobody without it', () => {
    const hosts = 'https://app.example,http://localhost:5173';
    expect(policyOf({ ...provided, pageHosts: hosts })).toContain(
      'frame-ancestors https://app.example http://localhost:5173',
    );
    expect(policyOf(provided)).toContain("frame-ancestors 'none'");
  });

  test.each([
    'app.example',
    'https://app.example/chat',
    'https://app.example, https://b.example',
    'https://app.example;script-src',
    '*',
    '',
  ])('are origins, which %j is not', (pageHosts) => {
    const wrong = () => templateOf('dev', { ...provided, pageHosts });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(`-c pageHosts=${pageHosts}: must be like https://chat.example`);
  });

  test('are nobody where there are no tokens to hand over', () => {
    expect(() => templateOf('dev', { web: 'true', pageHosts: 'https://app.example' })).toThrow(
      '-c pageHosts needs -c jwtIssuer',
    );
  });

  test('are told to the page, with where its users come from', () => {
    const context = { jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' };
    expect(pageConfigIn(context)).toEqual({ provider: true });
    expect(pageConfigIn({ ...context, usernameClaim: 'email' })).toEqual({ provider: true, claim: 'email' });
    expect(pageConfigIn({ ...context, pageHosts: 'https://a.example,https://b.example' })).toEqual({
      provider: true,
      hosts: ['https://a.example', 'https://b.example'],
    });
    expect(pageConfigIn({})).toEqual({});
    expect(pageConfigIn({ jwtIssuer: 'off', pageHosts: 'off' })).toEqual({});
  });

  test.each([
    [{ stage: 'prod' }, { passwords: 'required', passwordLength: 8 }],
    [
      { stage: 'prod', passwordLength: '12' },
      { passwords: 'required', passwordLength: 12 },
    ],
    [{ passwords: 'required' }, { passwords: 'required' }],
    [{ passwordLength: '6' }, { passwordLength: 6 }],
    [{ registration: 'closed' }, { registration: 'closed' }],
    // There it is the provider's business.
    [{ stage: 'prod', jwtIssuer: 'https://issuer.example', jwtAudience: 'chat' }, { provider: true }],
  ])('%j: what holds for passwords is told to the page', (context: Record<string, string>, config) => {
    expect(pageConfigIn(context)).toEqual(config);
  });
});

test('the page is told where the socket is, and the stack where the page is', () => {
  const deployments = all(template, 'Custom::CDKBucketDeployment').map(([, { Properties }]) => Properties);
  expect(deployments).toHaveLength(2);
  expect(deployments.some(({ SourceMarkers }) => SourceMarkers !== undefined)).toBe(true);
  template.hasOutput('PageUrl', {});
});

test('the page may connect, whatever other origins are set', () => {
  const [id] = one(template, 'AWS::CloudFront::Distribution', () => true);
  const withOrigins = templateOf('dev', { web: 'true', allowedOrigins: 'https://a.example' });
  const [, { Properties }] = one(
    withOrigins,
    'AWS::Lambda::Function',
    (each) => each.Properties.Description === 'Parley: $connect',
  );
  expect(Properties.Environment.Variables.ALLOWED_ORIGINS).toEqual({
    'Fn::Join': ['', ['https://a.example,https://', { 'Fn::GetAtt': [id, 'DomainName'] }]],
  });
});

test('the bucket is removed with the stack, though it has files', () => {
  const [bucket, { DeletionPolicy }] = one(template, 'AWS::S3::Bucket', () => true);
  expect(DeletionPolicy).toBe('Delete');
  const emptied = all(template, 'Custom::S3AutoDeleteObjects').map(([, { Properties }]) => Properties);
  expect(emptied).toEqual([expect.objectContaining({ BucketName: { Ref: bucket } })]);
});

test('account-wide names of CloudFront contain the region', () => {
  const [, access] = one(template, 'AWS::CloudFront::OriginAccessControl', () => true);
  const [, policy] = one(template, 'AWS::CloudFront::ResponseHeadersPolicy', () => true);
  for (const { Name } of [
    access.Properties.OriginAccessControlConfig,
    policy.Properties.ResponseHeadersPolicyConfig,
  ])
    expect(Name['Fn::Join'][1]).toEqual([expect.stringMatching(/-$/), { Ref: 'AWS::Region' }]);
});

test('the page is uploaded after the files that it loads', () => {
  const deployments = all(template, 'Custom::CDKBucketDeployment');
  const [assets] =
    deployments.find(([, each]) => each.Properties.DestinationBucketKeyPrefix === 'assets') ?? [];
  const page = deployments.find(([, each]) => each.Properties.DistributionId !== undefined)?.[1];
  expect(assets).toBeDefined();
  expect(page?.DependsOn).toContain(assets);
});
