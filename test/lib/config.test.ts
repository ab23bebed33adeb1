import { readdirSync, readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { ConfigError, environmentOf, isEnabled, rejectUnknown } from '../../lib/config.ts';
import { deploymentSettings, settings } from '../../lib/settings.ts';

const nodeWith = (context: Record<string, unknown>) => new App({ context }).node;
const known = Object.keys({ ...deploymentSettings, ...settings });

test('an unknown setting is refused with a list of all settings, and keys of the CDK are accepted', () => {
  expect(() => rejectUnknown(nodeWith({ password: 'required' }), known)).toThrow(ConfigError);
  expect(() => rejectUnknown(nodeWith({ password: 'required' }), known)).toThrow(/-c password=.* passwords,/);
  const all = Object.fromEntries(known.map((key) => [key, 'x']));
  expect(() => rejectUnknown(nodeWith({ ...all, 'aws:cdk:bundling-stacks': [] }), known)).not.toThrow();
});

test('the stack reads no context key that is not a setting', () => {
  const lib = new URL('../../lib/', import.meta.url);
  const sources = readdirSync(lib).map((file) => readFileSync(new URL(file, lib), 'utf8'));
  const keys = sources.flatMap((text) =>
    [...text.matchAll(/(?:tryGetContext\(|isEnabled\([\w.]+, |\bgiven\()'(\w+)'/g)].map(
      ([, key = '']) => key,
    ),
  );
  // The page also reads one of the functions' settings.
  expect(new Set(keys)).toEqual(new Set([...Object.keys(deploymentSettings), 'jwtIssuer']));
});

test('a switch accepts only true and false', () => {
  expect(isEnabled(nodeWith({ web: 'true' }), 'web')).toBe(true);
  expect(isEnabled(nodeWith({}), 'web')).toBe(false);
  expect(() => isEnabled(nodeWith({ web: 'yes' }), 'web')).toThrow('-c web=yes: must be true or false');
});

test.each([
  ['jwtAudience', 'me'],
  ['jwksUri', 'https://keys.example/jwks'],
  ['usernameClaim', 'email'],
])('%s without an issuer is refused, since no token would be checked', (name, value) => {
  expect(() => environmentOf(nodeWith({ [name]: value }), 'dev')).toThrow(`-c ${name} needs -c jwtIssuer`);
});
