import { RATE, type Setting, settings } from './settings.ts';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** An invalid setting. The message is for the user who wrote it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** @throws ConfigError if the condition is false */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConfigError(message);
}

/** What the stage is for: `prod` keeps its data when the stack is deleted, and requires passwords. */
export type StageName = 'dev' | 'prod';

/** Where settings come from: returns the text of one, or undefined for its default. */
export type Given = (name: string) => unknown;

/** How settings are named and read where they come from. */
export interface Source {
  /** What errors call a setting: as context, `-c name`. */
  called(name: string): string;
  /** Whether only CloudFormation knows the value. */
  isUnresolved?(value: string): boolean;
}

/** Settings as context, as in `cdk deploy -c name=value`. */
export const asContext: Source = { called: (name) => `-c ${name}` };

/** @throws ConfigError */
export function stageOf(stage: string, { called }: Source = asContext): StageName {
  // A misspelled `prod` must not create an unprotected stage.
  check(
    stage === 'dev' || stage === 'prod',
    `${called('stage')}=${stage}: must be dev or prod; ${called('name')} tells services apart`,
  );
  return stage;
}

/** A setting's value. @param given as text @param stage `prod` has defaults of its own */
const settingOf = ({ default: byDefault, prod }: Setting, given: unknown, stage: StageName): string =>
  String(given ?? (stage === 'prod' ? prod : undefined) ?? byDefault);

/**
 * Returns the environment variables of every function.
 * @throws ConfigError that names the invalid setting
 */
export function environmentOf(
  given: Given,
  stage: StageName,
  { called, isUnresolved = () => false }: Source = asContext,
): Record<string, string> {
  const entries = Object.entries(settings as Record<string, Setting>).map(([name, setting]) => {
    const { variable, format } = setting;
    const value = settingOf(setting, given(name), stage);
    check(isUnresolved(value) || format.pattern.test(value), `${called(name)}=${value}: ${format.message}`);
    check(
      stage !== 'prod' || name !== 'passwords' || value === 'required',
      `${called('passwords')}=optional: stage=prod requires passwords`,
    );
    return [variable, format === RATE ? perSecond(value) : value] as const;
  });
  const environment: Record<string, string> = Object.fromEntries(entries);
  check(
    !hasProvider(environment) || environment.JWT_AUDIENCE !== 'off',
    `${called('jwtIssuer')} needs ${called('jwtAudience')}: tokens for other audiences must not be valid here`,
  );
  for (const [name, setting] of Object.entries(settings as Record<string, Setting>))
    check(
      hasProvider(environment) || !setting.aboutTokens || environment[setting.variable] === setting.default,
      `${called(name)} needs ${called('jwtIssuer')}: without one, no token is checked`,
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
