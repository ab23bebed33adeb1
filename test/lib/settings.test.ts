import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { watchersOf } from '../../lib/alarms.ts';
import { deploymentOf, environmentOf } from '../../lib/config.ts';
import { deploymentSettings, type Sample, settings } from '../../lib/settings.ts';

const environment = (context: Record<string, string>, stage = 'dev') =>
  environmentOf(new App({ context }).node, stage);

describe('a setting', () => {
  test('has a default in every stage', () => {
    for (const stage of ['dev', 'prod']) {
      const variables = Object.entries(environment({}, stage));
      expect(variables).toHaveLength(Object.keys(settings).length);
      for (const [name, value] of variables) expect(value, name).not.toBe('');
    }
  });

  test.each([
    ['sendRate', '20', 'SEND_RATE', '20'],
    ['sendRate', '30/m', 'SEND_RATE', '0.5'],
    ['registerRate', '36/h', 'REGISTER_RATE', '0.01'],
    ['sendRate', 'off', 'SEND_RATE', 'off'],
    ['passwords', 'required', 'PASSWORDS', 'required'],
    ['sessionDays', '7', 'SESSION_DAYS', '7'],
    ['retentionDays', '0.5', 'RETENTION_DAYS', '0.5'],
    ['loginFailures', 'off', 'LOGIN_FAILURES', 'off'],
  ])('-c %s=%s', (name, value, variable, expected) => {
    expect(environment({ [name]: value })).toHaveProperty(variable, expected);
  });

  test.each([
    ['passwords', 'maybe'],
    ['sendRate', 'fast'],
    ['registerRate', '0'],
    ['sendRate', '0.0/m'],
    ['sendRate', '-1'],
    ['sendRate', '5/d'],
    ['sendBurst', '0'],
    ['sendBurst', '1.5'],
    ['sessionDays', '0'],
    ['sessionDays', 'off'],
    ['retentionDays', '0'],
    ['retentionDays', '0.0'],
    ['loginFailures', ''],
  ])('-c %s=%s is refused with its name', (name, value) => {
    expect(() => environment({ [name]: value })).toThrow(`-c ${name}=${value}: must be`);
  });
});

describe('the example', () => {
  const given = (name: string, { sample, needs = [] }: Sample) =>
    Object.fromEntries(
      [[name, sample] as const].concat(needs.map((other) => [other, all[other]?.sample ?? ''] as const)),
    );
  const all: Record<string, Sample> = { ...settings, ...deploymentSettings };

  test.each(Object.entries<Sample>(settings))('of %s changes its variable', (name, sample) => {
    const { variable } = settings[name as keyof typeof settings];
    expect(environment(given(name, sample))[variable]).not.toBe(environment({})[variable]);
  });

  test.each(Object.entries<Sample>(deploymentSettings))('of %s is taken', (name, sample) => {
    const { node } = new App({ context: given(name, sample) });
    expect(() => [deploymentOf(node), watchersOf(node)]).not.toThrow();
  });
});

describe('passwords', () => {
  test('are optional, but required in prod', () => {
    expect(environment({}).PASSWORDS).toBe('optional');
    expect(environment({}, 'prod').PASSWORDS).toBe('required');
    expect(() => environment({ passwords: 'optional' }, 'prod')).toThrow('stage=prod requires passwords');
  });
});
