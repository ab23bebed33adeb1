import type { Node } from 'constructs';
import { RATE, type Setting, settings } from './settings.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** An invalid context value, as in `cdk deploy -c key=value`. The message is for the user who typed it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws ConfigError if the condition is false */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConfigError(message);
}

/** Whether `-c key=true` was given. @throws ConfigError if the value is neither true nor false */
export function isEnabled(node: Node, key: string, byDefault = false): boolean {
  const value = String(node.tryGetContext(key) ?? byDefault);
  check(['true', 'false'].includes(value), `-c ${key}=${value}: must be true or false`);
  return value === 'true';
}

/** @param known all names of settings @throws ConfigError for a key that is none */
export function rejectUnknown(node: Node, known: readonly string[]): void {
  // The CDK's own keys contain a colon.
  const unknown = Object.keys(node.getAllContext()).find((key) => /^\w+$/.test(key) && !known.includes(key));
  check(
    unknown === undefined,
    `-c ${unknown}=…: there is no such setting. There are: ${known.toSorted().join(', ')}`,
  );
}

/** The identity and address of one deployment; an account may have several. */
export interface Deployment {
  /** The name of the stack. */
  name: string;
  /** `prod` protects its data from deletion. */
  stage: 'dev' | 'prod';
  /** A custom domain and its certificate. */
  domain?: { name: string; certificate: string };
  /**
   * Reserved concurrency of the function `send`; absent for none. A new account has nothing to reserve, so the first
   * deployment would fail.
   */
  sendConcurrency?: number;
}

/**
 * Reads the deployment from the context: `-c name=… -c stage=… -c domain=… -c certificate=… -c sendConcurrency=…`.
 * @throws ConfigError that names the invalid setting
 */
export function deploymentOf(node: Node): Deployment {
  const given = (key: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    return value === undefined ? undefined : String(value);
  };
  const stage = given('stage') ?? 'dev';
  // A misspelled `prod` must not create an unprotected stage.
  check(
    stage === 'dev' || stage === 'prod',
    `-c stage=${stage}: must be dev or prod; -c name=… tells services apart`,
  );
  const name = given('name') ?? 'Parley';
  const isName = /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name);
  check(isName, `-c name=${name}: a name is a letter, then up to 62 letters, digits and dashes`);
  // Its stack would be the `prod` stage of another name.
  check(!name.endsWith('-prod'), `-c name=${name}: -prod is added by -c stage=prod`);
  return {
    name: stage === 'dev' ? name : `${name}-${stage}`,
    stage,
    ...domainOf(given('domain'), given('certificate')),
    ...concurrencyOf(given('sendConcurrency') ?? 'off'),
  };
}

function domainOf(domain?: string, certificate?: string): Pick<Deployment, 'domain'> {
  if (domain === undefined && certificate === undefined) return {};
  check(domain !== undefined, '-c certificate=… needs -c domain=…: what the certificate is for');
  check(
    certificate !== undefined,
    `-c domain=${domain} needs -c certificate=…: the ARN of its certificate in ACM, in this region`,
  );
  check(/^([a-z0-9-]+\.)+[a-z]{2,}$/.test(domain), `-c domain=${domain}: must be like chat.example.com`);
  check(
    /^arn:aws[\w-]*:acm:/.test(certificate),
    `-c certificate=${certificate}: must be the ARN of a certificate in ACM, in this region`,
  );
  return { domain: { name: domain, certificate } };
}

function concurrencyOf(text: string): Pick<Deployment, 'sendConcurrency'> {
  if (text === 'off') return {};
  check(/^[1-9]\d{0,4}$/.test(text), `-c sendConcurrency=${text}: must be a whole number from 1, or off`);
  return { sendConcurrency: Number(text) };
}

/** A setting's value. @param given in the context @param stage `prod` has defaults of its own */
export const settingOf = ({ default: byDefault, prod }: Setting, given: unknown, stage: unknown): string =>
  String(given ?? (stage === 'prod' ? prod : undefined) ?? byDefault);

/**
 * Returns the environment variables of every function.
 * @throws ConfigError that names the invalid setting
 */
export function environmentOf(node: Node, stage: string): Record<string, string> {
  const entries = Object.entries(settings as Record<string, Setting>).map(([name, setting]) => {
    const { variable, format } = setting;
    const value = settingOf(setting, node.tryGetContext(name), stage);
    check(format.pattern.test(value), `-c ${name}=${value}: ${format.message}`);
    check(
      stage !== 'prod' || name !== 'passwords' || value === 'required',
      '-c passwords=optional: stage=prod requires passwords',
    );
    return [variable, format === RATE ? perSecond(value) : value] as const;
  });
  const environment: Record<string, string> = Object.fromEntries(entries);
  check(
    !hasProvider(environment) || environment.JWT_AUDIENCE !== 'off',
    '-c jwtIssuer needs -c jwtAudience: tokens for other audiences must not be valid here',
  );
  for (const [name, setting] of Object.entries(settings as Record<string, Setting>))
    check(
      hasProvider(environment) || !setting.aboutTokens || environment[setting.variable] === setting.default,
      `-c ${name} needs -c jwtIssuer: without one, no token is checked`,
    );
  return environment;
}

/** Whether users come from an identity provider. */
export const hasProvider = (environment: Readonly<Record<string, string>>): boolean =>
  environment.JWT_ISSUER !== 'off';

/** Whether `$connect` needs a function, to check origins. */
export const checksOrigins = (environment: Readonly<Record<string, string>>): boolean =>
  environment.ALLOWED_ORIGINS !== 'off';

function perSecond(rate: string): string {
  const [count = '', unit = 's'] = rate.split('/');
  return count === 'off' ? 'off' : String(Number(count) / (SECONDS[unit] ?? 1));
}
