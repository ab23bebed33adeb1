import { check, stageOf } from './config.ts';
import { deploymentSettings, settings } from './settings.ts';

// What context says of a stack, without the CDK.

/** @throws ConfigError for a key that is no setting */
export function rejectUnknown(keys: readonly string[]): void {
  const known = Object.keys({ ...settings, ...deploymentSettings });
  // The CDK's own keys contain a colon.
  const unknown = keys.find((key) => /^\w+$/.test(key) && !known.includes(key));
  check(
    unknown === undefined,
    `-c ${unknown}=…: there is no such setting. There are: ${known.toSorted().join(', ')}`,
  );
}

/**
 * The name of the stack: `-c name=…`, and `-prod` for that stage.
 * @throws ConfigError if the name is invalid
 */
export function stackNameOf({ name = 'Parley', stage = 'dev' }: { name?: string; stage?: string }): string {
  const isName = /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name);
  check(isName, `-c name=${name}: a name is a letter, then up to 62 letters, digits and dashes`);
  // Its stack would be the `prod` stage of another name.
  check(!name.endsWith('-prod'), `-c name=${name}: -prod is added by -c stage=prod`);
  return stageOf(stage) === 'dev' ? name : `${name}-${stage}`;
}
