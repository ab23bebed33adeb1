import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { rightsTable } from '../../local/rights.ts';
import { program } from '../support/programs.ts';

const table = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;

test('the table of rights has a line for each function and resource, with denied actions and conditions', () => {
  const functions = [
    {
      name: 'Register',
      arn: 'arn:a',
      statements: [
        { effect: 'Allow' as const, actions: ['logs:PutLogEvents'], resources: ['*'] },
        { effect: 'Allow' as const, actions: ['dynamodb:GetItem'], resources: [table('Directory8B2C83D9')] },
        { effect: 'Allow' as const, actions: ['dynamodb:PutItem'], resources: [table('Directory8B2C83D9')] },
        {
          effect: 'Allow' as const,
          actions: ['dynamodb:Query'],
          resources: [`${table('Members0123ABCD')}/index/by-user`],
          conditions: { StringEquals: { 'dynamodb:Select': ['COUNT'] } },
        },
        { effect: 'Deny' as const, actions: ['dynamodb:*'], resources: [table('Secrets')] },
      ],
    },
    { name: 'Ping', arn: 'arn:b', statements: [] },
  ];
  expect(rightsTable(functions).split('\n')).toEqual([
    'Register  Directory              GetItem, PutItem',
    '          Members/index/by-user  Query if StringEquals dynamodb:Select COUNT',
    '          never Secrets          *',
    '',
    'No other rights: Ping',
    'Not checked on this machine, which has no log streams: logs:PutLogEvents',
  ]);
});

const iam = (...flags: string[]) =>
  spawnSync(process.execPath, [program('bin/iam.ts'), ...flags], { encoding: 'utf8' });

test.each([
  [['--nope'], "Unknown option '--nope'"],
  [['-c', 'bad'], '-c bad: must be key=value'],
])('npm run iam reports %s, and how to get help', (flags, message) => {
  const { status, stderr } = iam(...flags);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).toContain('Try: npm run iam -- --help');
  expect(stderr).not.toContain('    at ');
});

test('npm run iam prints every right as JSON', () => {
  const rights = JSON.parse(iam('--json').stdout) as { function: string; action: string; resource: string }[];
  const names = new Set(rights.map(({ function: who }) => who));
  expect([...names]).toEqual(
    expect.arrayContaining(['Register', 'Login', 'SendMessage', 'DefaultRoute', 'ServerApi', 'Operator']),
  );
  expect(rights.filter(({ action }) => !/^(dynamodb|execute-api|lambda|sqs):\w+$/.test(action))).toEqual([]);
});
