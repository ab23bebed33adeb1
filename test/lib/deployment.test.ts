import { App, Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { propsIn, stackNameIn } from '../../lib/context.ts';
import { all, functionOf, one, templateOf } from './template.ts';

const nameIn = (context: Record<string, unknown>) => stackNameIn(new App({ context }).node);
const given = (context: Record<string, unknown>) => propsIn(new Stack(new App({ context })));
const certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/1';

test.each(['Prod', 'production', 'a b', ''])('a stage named %j is refused', (stage) => {
  for (const read of [nameIn, given]) expect(() => read({ stage })).toThrow('must be dev or prod');
});

test.each(['1a', 'a_b', '', 'x'.repeat(64)])('a deployment named %j is refused', (name) => {
  expect(() => nameIn({ name })).toThrow('a name is a letter');
});

test.each([{ name: 'acme-prod' }, { name: 'acme-prod', stage: 'prod' }])(
  '%j is refused, since one service would replace another',
  (context) => {
    expect(() => nameIn(context)).toThrow('-c name=acme-prod: -prod is added by -c stage=prod');
  },
);

test.each([
  [{}, 'Parley'],
  [{ name: 'acme' }, 'acme'],
  [{ name: 'acme', stage: 'prod' }, 'acme-prod'],
  [{ stage: 'prod', sendConcurrency: '100' }, 'Parley-prod'],
])('%j is the stack %s', (context, name) => {
  expect(nameIn({ ...context })).toBe(name);
});

test.each([
  [{}, {}],
  [
    { stage: 'prod', sendConcurrency: '100' },
    { stage: 'prod', sendConcurrency: 100 },
  ],
  [{ sendConcurrency: 'off' }, {}],
])('of %j the props are %j', (context, props) => {
  expect(given({ ...context })).toEqual(props);
});

test.each([
  [{ domain: 'chat.example.com' }, 'needs -c certificate'],
  [{ certificate }, 'needs -c domain'],
  [{ domain: 'https://x', certificate }, 'must be like chat.example.com'],
  [{ sendConcurrency: '0' }, 'must be a whole number from 1, or off'],
])('%j is refused', (context, message) => {
  expect(() => given(context)).toThrow(message);
});

const reservedIn = (template: Template) =>
  all(template, 'AWS::Lambda::Function').flatMap(
    ([, { Properties }]) => Properties.ReservedConcurrentExecutions ?? [],
  );

test('a first deployment reserves no concurrency, which a new account refuses, and prod keeps its tables', () => {
  for (const stage of ['dev', 'prod'] as const) expect(reservedIn(templateOf(stage))).toEqual([]);
});

test('a stack with a domain has it in its URL, outputs its target, and reserves concurrency for messages alone', () => {
  const template = templateOf('prod', { domain: 'chat.example.com', certificate, sendConcurrency: '100' });
  const [, { Properties }] = one(template, 'AWS::ApiGatewayV2::DomainName', () => true);
  expect(Properties.DomainName).toBe('chat.example.com');
  expect(Properties.DomainNameConfigurations).toMatchObject([{ CertificateArn: certificate }]);
  expect(all(template, 'AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
  template.hasOutput('Url', { Value: 'wss://chat.example.com' });
  template.hasOutput('DomainTarget', {});
  const reserved = (key: string) => functionOf(template, key)[1].Properties.ReservedConcurrentExecutions;
  expect(['SEND_MESSAGE', 'SEND_GROUP_MESSAGE', 'login'].map(reserved)).toEqual([100, 100, undefined]);
});
