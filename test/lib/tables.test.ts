import { describe, expect, test } from 'vitest';
import { all, tableOf, templateOf } from './template.ts';

const stages = { dev: templateOf('dev'), prod: templateOf('prod') };
const TABLE = 'AWS::DynamoDB::GlobalTable';
const names = [
  'Directory',
  'Connections',
  'Inboxes',
  'Overflow',
  'Members',
  'Invitations',
  'History',
  'Credentials',
  'Profiles',
  'Sessions',
  'RateLimits',
];

describe.each(['dev', 'prod'] as const)('in stage %s', (stage) => {
  const template = stages[stage];

  test('there are exactly these tables', () => {
    expect(all(template, TABLE)).toHaveLength(names.length);
  });

  // cdk-nag does not look at tables of this kind.
  test.each(names)('%s is paid by request, and can be restored to any second', (name) => {
    const [, { Properties }] = tableOf(template, name);
    expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(Properties.Replicas).toHaveLength(1);
    expect(Properties.Replicas[0].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  });

  // Tables are always encrypted; `false` says by a key that AWS owns, which costs nothing and no call to KMS.
  test.each(names)('%s states its encryption', (name) => {
    const [, { Properties }] = tableOf(template, name);
    expect(Properties.SSESpecification).toEqual({ SSEEnabled: false });
  });

  const keep = stage === 'prod';
  const fate = keep ? 'outlives the stack, and cannot be deleted' : 'goes with the stack';
  test.each(names)(`%s ${fate}`, (name) => {
    const [, table] = tableOf(template, name);
    const policy = keep ? 'Retain' : 'Delete';
    expect(table).toMatchObject({ DeletionPolicy: policy, UpdateReplacePolicy: policy });
    expect(table.Properties.Replicas[0].DeletionProtectionEnabled).toBe(keep);
  });

  test('connections, sessions, levels, History and bars have a time to live, and nothing else has', () => {
    const expiring = names
      .map((name) => [name, tableOf(template, name)[1].Properties.TimeToLiveSpecification])
      .filter(([, ttl]) => ttl !== undefined);
    expect(expiring).toEqual(
      ['Connections', 'Members', 'History', 'Sessions', 'RateLimits'].map((name) => [
        name,
        { AttributeName: 'expires', Enabled: true },
      ]),
    );
  });
});

test.each([
  ['Directory', ['name']],
  ['Connections', ['connection_id']],
  ['Inboxes', ['username']],
  ['Overflow', ['username', 'pointer']],
  ['Members', ['chat_id', 'username']],
  ['Invitations', ['username', 'group_id']],
  ['History', ['chat_id', 'seq']],
  ['Credentials', ['username']],
  ['Sessions', ['digest']],
  ['RateLimits', ['id']],
])('%s is keyed by %s', (name, keys) => {
  const [, { Properties }] = tableOf(stages.dev, name);
  expect(Properties.KeySchema.map((key: { AttributeName: string }) => key.AttributeName)).toEqual(keys);
});

test('seq is a number, so that the log is read in its order', () => {
  const [, { Properties }] = tableOf(stages.dev, 'History');
  expect(Properties.AttributeDefinitions).toContainEqual({ AttributeName: 'seq', AttributeType: 'N' });
});

test('the two indexes find the groups of a user, and who is invited to a group', () => {
  const indexes = names.flatMap(
    (name) => tableOf(stages.dev, name)[1].Properties.GlobalSecondaryIndexes ?? [],
  );
  expect(indexes.map(({ IndexName }) => IndexName)).toEqual(['by-user', 'by-group']);
});
