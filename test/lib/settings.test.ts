import { App, Duration, Stack } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { environmentOf, type StageName } from '../../lib/config.ts';
import { propsIn } from '../../lib/context.ts';
import { asProps, givenBy, propName, propsOf } from '../../lib/props.ts';
import { Rate } from '../../lib/rate.ts';
import { deploymentSettings, type Sample, settings } from '../../lib/settings.ts';

const environment = (context: Record<string, string>, stage: StageName = 'dev') =>
  environmentOf((name) => context[name], stage);
/** What the functions get of these settings as props. */
const byProps = (props: Parameters<typeof givenBy>[0], stage: StageName = 'dev') =>
  environmentOf(givenBy(props), stage, asProps);

describe('a setting', () => {
  test('has a default in every stage', () => {
    for (const stage of ['dev', 'prod'] as const) {
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
    const context = given(name, sample);
    expect(environment(context)[variable]).not.toBe(environment({})[variable]);
    const props = propsOf((key) => context[key]);
    expect(Object.keys(props)).toContain(propName(name, settings[name as keyof typeof settings]));
    expect(byProps(props)).toEqual(environment(context));
  });

  test.each(Object.entries<Sample>(deploymentSettings))('of %s is taken', (name, sample) => {
    // A name is the stack's, a certificate the domain's, and variables are the function's.
    const prop = { certificate: 'domain', beforeSendEnv: 'beforeSend' }[name] ?? name;
    const props = propsIn(new Stack(new App({ context: given(name, sample) })));
    if (name === 'name') expect(props).toEqual({});
    else expect(props).toHaveProperty(prop);
  });
});

describe('passwords', () => {
  test('are optional, but required in prod', () => {
    expect(environment({}).PASSWORDS).toBe('optional');
    expect(environment({}, 'prod').PASSWORDS).toBe('required');
    expect(() => environment({ passwords: 'optional' }, 'prod')).toThrow('stage=prod requires passwords');
  });
});

describe('as a prop', () => {
  test('what is left out has its default', () => {
    for (const stage of ['dev', 'prod'] as const) expect(byProps({}, stage)).toEqual(environment({}, stage));
  });

  test('a setting has its type', () => {
    const given = byProps({
      sessionLifetime: Duration.days(7),
      messageRetention: Duration.hours(12),
      sendRate: Rate.perMinute(30),
      registerRate: 'off',
      loginFailures: 'off',
      devices: 3,
      allowedOrigins: ['https://a.example', 'https://b.example'],
      passwords: 'required',
    });
    expect(given).toMatchObject({
      SESSION_DAYS: '7',
      RETENTION_DAYS: '0.5',
      SEND_RATE: '0.5',
      REGISTER_RATE: 'off',
      LOGIN_FAILURES: 'off',
      DEVICES: '3',
      ALLOWED_ORIGINS: 'https://a.example,https://b.example',
      PASSWORDS: 'required',
    });
  });

  test('a value that CloudFormation will know is taken', () => {
    const { region } = new Stack();
    const jwtIssuer = `https://cognito-idp.${region}.amazonaws.com/pool`;
    expect(byProps({ jwtIssuer, jwtAudience: region })).toMatchObject({
      JWT_ISSUER: jwtIssuer,
      JWT_AUDIENCE: region,
    });
  });

  test.each([
    [{ sendBurst: 1.5 }, 'sendBurst=1.5: must be a whole number'],
    [{ sessionLifetime: Duration.days(0) }, 'sessionLifetime=0: must be a number of days above 0'],
    [{ jwtIssuer: 'https://issuer.example' }, 'jwtIssuer needs jwtAudience'],
    [{ allowedOrigins: [] }, 'allowedOrigins=: must be like'],
  ])('%j is refused under its name', (props, why) => {
    expect(() => byProps(props)).toThrow(why);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('%s is no rate', (count) => {
    expect(() => Rate.perSecond(count)).toThrow('above 0');
  });
});
