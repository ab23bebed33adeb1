import { deploymentSettings, type Sample, settings } from '../../lib/settings.ts';

/** What `cdk deploy -c` takes. */
export type Context = Readonly<Record<string, string>>;

const all: Readonly<Record<string, Sample>> = { ...settings, ...deploymentSettings };

/** A context that sets these, each to its sample, and what they need. */
export function contextOf(...names: (keyof typeof settings | keyof typeof deploymentSettings)[]): Context {
  const needed = names.flatMap((name) => [...(all[name]?.needs ?? []), name]);
  return Object.fromEntries(needed.map((name) => [name, all[name]?.sample ?? '']));
}

// What one of them does, the other changes.
const together = [
  ['stage'],
  ['stage', 'passwordLength'],
  ['passwords', 'passwordLength'],
  ['passwords', 'allowedOrigins'],
  ['stage', 'allowedOrigins'],
  ['stage', 'jwtIssuer'],
  ['stage', 'retentionDays', 'fanOutPageSize'],
  ['stage', 'sendConcurrency', 'alarmEmail', 'accessLogs'],
  ['allowedOrigins', 'jwtIssuer'],
  ['allowedOrigins', 'jwtIssuer', 'usernameClaim', 'passwords'],
  ['retentionDays', 'fanOutPageSize'],
  ['registerRate', 'registerBurst', 'loginFailures', 'addressFailures'],
  ['sendRate', 'sendBurst', 'malformedRate', 'malformedBurst'],
  ['domain', 'web', 'allowedOrigins'],
] satisfies Parameters<typeof contextOf>[];

const names = Object.keys(all) as Parameters<typeof contextOf>;

/** Nothing, each setting by itself, and those that meet; each once, whatever it needs. */
export const contexts: readonly Context[] = [
  ...new Map(
    [[], ...names.map((name) => [name]), ...together].map((each) => {
      const context = contextOf(...each);
      return [JSON.stringify(Object.entries(context).toSorted()), context] as const;
    }),
  ).values(),
];
