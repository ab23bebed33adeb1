import { expect, test } from 'vitest';
import { type Grant, isAllowed, unusedOf } from '../../local/iam.ts';
import type { Statement } from '../../local/template/model.ts';
import { cloud } from './control.ts';
import { driveWhatOnlyFailuresUse } from './drive.ts';

// Nothing uses it but the function of the release before, while an update runs (test/upgrade/template.test.ts).
const OF_THE_RELEASE_BEFORE = /^FanOut\w* dynamodb:GetItem \S*History/;

const lineOf = ({ function: who, action, resource }: Grant) => `${who} ${action} ${resource}`;

test.runIf(cloud.isThere())(
  'tests use every right that the template grants, and no call is denied',
  async () => {
    await driveWhatOnlyFailuresUse();
    const { granted, used, denied } = await cloud.grants();
    expect(granted.length).toBeGreaterThan(50);
    expect(denied.map(lineOf)).toEqual([]);
    const unused = unusedOf(granted, used).map(lineOf);
    expect(unused.filter((line) => !OF_THE_RELEASE_BEFORE.test(line))).toEqual([]);
    expect(unused.filter((line) => OF_THE_RELEASE_BEFORE.test(line))).toHaveLength(1);
  },
);

test.runIf(cloud.isThere())('without any one right, some call that the tests make is denied', async () => {
  const { granted, used } = await cloud.grants();
  const missed = granted.filter((right) => {
    const rest = granted.filter((other) => other !== right && other.function === right.function);
    const statements = rest.map(
      ({ action, resource }): Statement => ({
        effect: 'Allow',
        actions: [action],
        resources: [resource],
      }),
    );
    const calls = used.filter((use) => lineOf(use) === lineOf(right));
    return !calls.some(({ action, on }) => !isAllowed(statements, { action, resource: on }));
  });
  expect(missed.map(lineOf).filter((line) => !OF_THE_RELEASE_BEFORE.test(line))).toEqual([]);
});
