import { deploymentSettings, type Sample, settings } from '../../lib/settings.ts';

/** What `cdk deploy -c` takes. */
export type Context = Readonly<Record<string, string>>;

const all: Readonly<Record<string, Sample>> = { ...settings, ...deploymentSettings };

/** A context that sets these, each to its sample, and what they need. */
export function contextOf(...names: (keyof typeof settings | keyof typeof deploymentSettings)[]): Context {
  const needed = names.flatMap((name) => [...(all[name]?.needs ?? []), name]);
  return Object.fromEntries(needed.map((name) => [name, all[name]?.sample ?? '']));
}

/** Every setting, and those of which one changes what another does, with as few services as that takes. */
const together = [
  [],
  ['passwords', 'passwordLength', 'allowedOrigins'],
  ['stage', 'passwordLength', 'allowedOrigins'],
  ['stage', 'jwtIssuer', 'retentionDays', 'fanOutPageSize'],
  ['stage', 'sendConcurrency', 'alarms', 'alarmEmail', 'accessLogs'],
  ['allowedOrigins', 'jwtIssuer'],
  ['allowedOrigins', 'jwtIssuer', 'usernameClaim', 'passwords'],
  [
    'retentionDays',
    'fanOutPageSize',
    'batchWindow',
    'sessionDays',
    'devices',
    'logLevel',
    'name',
    'registration',
  ],
  ['registerRate', 'registerBurst', 'loginFailures', 'addressFailures'],
  ['sendRate', 'sendBurst', 'malformedRate', 'malformedBurst'],
  ['domain', 'web', 'allowedOrigins', 'pictureHosts', 'webPush'],
  ['web', 'jwtIssuer', 'pageHosts'],
  ['events', 'eventContent', 'beforeSend', 'beforeSendEnv', 'beforeSendTimeout', 'beforeSendFails'],
] satisfies Parameters<typeof contextOf>[];

/** One context for each of these sets, each once, whatever it needs. */
const distinct = (sets: readonly Parameters<typeof contextOf>[]): readonly Context[] => [
  ...new Map(
    sets.map((each) => {
      const context = contextOf(...each);
      return [JSON.stringify(Object.entries(context).toSorted()), context] as const;
    }),
  ).values(),
];

/** With which a service is tried. */
export const combined = distinct(together);

/** Each setting by itself. */
export const single = distinct((Object.keys(all) as Parameters<typeof contextOf>).map((name) => [name]));
