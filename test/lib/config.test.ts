import { readdirSync, readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { ConfigError, environmentOf } from '../../lib/config.ts';
import { propsIn, stackNameIn } from '../../lib/context.ts';
import { deploymentSettings, settings } from '../../lib/settings.ts';

const nodeWith = (context: Record<string, unknown>) => new App({ context }).node;
const known = Object.keys({ ...deploymentSettings, ...settings });

test('an unknown setting is refused with a list of all settings, and keys of the CDK are accepted', () => {
  const wrong = () => stackNameIn(nodeWith({ password: 'required' }));
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow(/-c password=.* passwords,/);
  const all = Object.fromEntries(known.map((key) => [key, 'x']));
  const others = { ...all, stage: 'dev', 'aws:cdk:bundling-stacks': [] };
  expect(() => stackNameIn(nodeWith(others))).not.toThrow();
});

test('only lib/context.ts reads the context of the app', () => {
  const lib = new URL('../../lib/', import.meta.url);
  const readers = readdirSync(lib).filter((file) =>
    /[gG]et(All)?Context|\basContext\b.*from|pageConfigIn.*from/.test(
      readFileSync(new URL(file, lib), 'utf8'),
    ),
  );
  expect(readers).toEqual(['context.ts', 'page-config.ts']);
});

test('a switch accepts only true and false', () => {
  const given = (web: string) => propsIn(new Stack(new App({ context: { web } })));
  expect([given('true'), given('false')]).toEqual([{ web: true }, { web: false }]);
  expect(() => given('yes')).toThrow('-c web=yes: must be true or false');
});

test.each([
  ['jwtAudience', 'me'],
  ['jwksUri', 'https://keys.example/jwks'],
  ['usernameClaim', 'email'],
])('%s without an issuer is refused, since no token would be checked', (name, value) => {
  const given = (key: string) => (key === name ? value : undefined);
  expect(() => environmentOf(given, 'dev')).toThrow(`-c ${name} needs -c jwtIssuer`);
});
