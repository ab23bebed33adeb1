import { expect, test } from 'vitest';
import { type Grant, unusedOf } from '../../local/iam.ts';
import { cloud } from './control.ts';
import { driveWhatOnlyFailuresUse } from './drive.ts';

const lineOf = ({ function: who, action, resource }: Grant) => `${who} ${action} ${resource}`;

test.runIf(cloud.isThere())(
  'every right that the template gives was used by some test, and no call was denied',
  async () => {
    await driveWhatOnlyFailuresUse();
    const { granted, used, denied } = await cloud.grants();
    expect(granted.length).toBeGreaterThan(50);
    expect(denied.map(lineOf)).toEqual([]);
    expect(unusedOf(granted, used).map(lineOf)).toEqual([]);
  },
  120_000,
);
