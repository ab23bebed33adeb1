import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { synth } from './synth.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe.concurrent('cdk synth, with the checks of CloudFormation and of cdk-nag', () => {
  const identity = [
    'jwtIssuer=https://issuer.example',
    'jwtAudience=chat',
    'allowedOrigins=https://a.example',
  ];
  test.each([
    // All that there is; `cdk synth` by itself has less of it.
    [
      'stage prod, with an identity provider, allowed origins, alarms, the page, events and a function before messages',
      [
        ...['stage=prod', ...identity, 'alarmEmail=ops@example.com', 'web=true'],
        ...['events=true', 'beforeSend=examples/word-filter.ts'],
      ],
    ],
  ])('finds nothing wrong with %s', async (_, context) => {
    const { code, said, reports } = await synth(...context.flatMap((each) => ['-c', each]));
    expect(said).not.toMatch(/\bERROR\b|\bWARNING\b/i);
    expect(code).toBe(0);
    // Both did look.
    expect(reports.map(({ pluginName, conclusion }) => [pluginName, conclusion])).toEqual(
      expect.arrayContaining([['AwsSolutions', 'success']]),
    );
    const acknowledged = reports.flatMap(({ suppressedViolations = [] }) =>
      suppressedViolations.map(({ ruleName }) => ruleName.replace(/\[.*/, '')),
    );
    expect([...new Set(acknowledged)].toSorted()).toEqual([
      ...['AwsSolutions-APIG1', 'AwsSolutions-APIG4'],
      // Of the page alone, and of the CDK's function that copies it.
      ...[
        'AwsSolutions-CFR1',
        'AwsSolutions-CFR2',
        'AwsSolutions-CFR3',
        'AwsSolutions-CFR4',
        'AwsSolutions-IAM4',
      ],
      // Events: DynamoDB lists streams of no resource, and a dead-letter queue has none of its own.
      ...['AwsSolutions-IAM5', 'AwsSolutions-L1', 'AwsSolutions-S1', 'AwsSolutions-SQS3'],
    ]);
  });

  test('refuses a role with wildcards, and a function that CloudFormation would refuse', async () => {
    const { code, said, reports } = await synth('--app', 'node --import tsx test/lib/fixtures/broken-app.ts');
    expect(said).toContain('AwsSolutions-IAM5[Action::dynamodb:*]');
    expect(said).toContain('64 is less than the minimum of 128');
    // Each of the two would have failed it alone.
    expect(reports.filter(({ conclusion }) => conclusion === 'failure')).toHaveLength(2);
    expect(code).not.toBe(0);
  });
});

// As the CDK's CLI hands context to the app, without the CLI.
test('a stage with an impossible name is not synthesized', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bin/parley.ts'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify({ stage: 'a-b' }), CDK_OUTDIR: tmpdir() },
  });
  expect(stderr).toContain('-c stage=a-b: must be dev or prod');
  expect(status).not.toBe(0);
});
