import { expect, test } from 'vitest';
import { type Context, unknownIn } from '../../local/conditions.ts';
import { grantsOf, isAllowed, Permissions, unusedOf } from '../../local/iam.ts';
import type { Statement } from '../../local/template/model.ts';

const allow = (actions: string[], resources: string[]): Statement => ({
  effect: 'Allow',
  actions,
  resources,
});
const deny = (actions: string[], resources: string[]): Statement => ({ effect: 'Deny', actions, resources });
const call = { action: 'dynamodb:PutItem', resource: 'arn:table/Directory' };

test.each<[string, Statement[], boolean]>([
  ['nothing', [], false],
  ['the very action and resource', [allow(['dynamodb:PutItem'], ['arn:table/Directory'])], true],
  ['the action in another case', [allow(['DynamoDB:putitem'], ['arn:table/Directory'])], true],
  ['the resource in another case', [allow(['dynamodb:PutItem'], ['arn:table/names'])], false],
  [
    'one of several',
    [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ['arn:x', 'arn:table/Directory'])],
    true,
  ],
  ['all actions', [allow(['*'], ['*'])], true],
  ['a wildcard in both', [allow(['dynamodb:Put*'], ['arn:*/Dir?ctory'])], true],
  ['a wildcard that ends too early', [allow(['dynamodb:P'], ['arn:table/*'])], false],
  ['a dot, which is no wildcard', [allow(['dynamodb.PutItem'], ['*'])], false],
  [
    'the action and the resource in two statements',
    [allow(['dynamodb:PutItem'], ['x']), allow(['x'], ['*'])],
    false,
  ],
  ['an allowance and a denial', [allow(['*'], ['*']), deny(['dynamodb:Put*'], ['*'])], false],
  [
    'an allowance and a denial of something else',
    [allow(['*'], ['*']), deny(['dynamodb:Get*'], ['*'])],
    true,
  ],
])('a role that states %s', (_, statements, expected) => {
  expect(isAllowed(statements, call)).toBe(expected);
});

const ATTRIBUTES = 'dynamodb:Attributes';
const mayRead = (attributes: string[]): Statement => ({
  ...allow(['*'], ['*']),
  conditions: { 'ForAllValues:StringEquals': { [ATTRIBUTES]: attributes } },
});

test.each<[string, Statement, Context, boolean]>([
  ['all attributes that it may', mayRead(['name', 'kind']), { [ATTRIBUTES]: ['name'] }, true],
  ['one that it may not', mayRead(['name', 'kind']), { [ATTRIBUTES]: ['name', 'hash'] }, false],
  // As AWS has it: such a policy needs `dynamodb:Select` beside it.
  ['none at all', mayRead(['name']), {}, true],
  [
    'a value that is asked for and not given',
    { ...allow(['*'], ['*']), conditions: { StringEquals: { 'dynamodb:Select': ['SPECIFIC_ATTRIBUTES'] } } },
    {},
    false,
  ],
  [
    'a value like the one that is asked for',
    { ...allow(['*'], ['*']), conditions: { StringLike: { 'dynamodb:ReturnValues': ['UPDATED_*'] } } },
    { 'dynamodb:ReturnValues': ['UPDATED_NEW'] },
    true,
  ],
  [
    'none of a value that it need not give',
    { ...allow(['*'], ['*']), conditions: { StringEqualsIfExists: { 'dynamodb:Select': ['COUNT'] } } },
    {},
    true,
  ],
  [
    'another than the value that it need not give',
    { ...allow(['*'], ['*']), conditions: { StringEqualsIfExists: { 'dynamodb:Select': ['COUNT'] } } },
    { 'dynamodb:Select': ['ALL_ATTRIBUTES'] },
    false,
  ],
  [
    'a value that must not be',
    { ...allow(['*'], ['*']), conditions: { StringNotEquals: { 'dynamodb:ReturnValues': ['ALL_OLD'] } } },
    { 'dynamodb:ReturnValues': ['ALL_OLD'] },
    false,
  ],
])('a condition, and a request with %s', (_, statement, context, expected) => {
  expect(isAllowed([statement], { ...call, context })).toBe(expected);
});

test('a denial holds only where its condition does', () => {
  const conditions = { 'ForAnyValue:StringEquals': { [ATTRIBUTES]: ['hash'] } };
  const statements = [allow(['*'], ['*']), { ...deny(['*'], ['*']), conditions }];
  expect(isAllowed(statements, { ...call, context: { [ATTRIBUTES]: ['name'] } })).toBe(true);
  expect(isAllowed(statements, { ...call, context: { [ATTRIBUTES]: ['name', 'hash'] } })).toBe(false);
});

test('conditions that this gateway cannot evaluate are named', () => {
  expect(unknownIn({ StringEquals: { 'dynamodb:Select': ['COUNT'] } })).toEqual([]);
  expect(unknownIn({ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } })).toEqual([
    'the condition IpAddress',
    'the condition key aws:SourceIp',
  ]);
});

test('used rights and denied calls are recorded', () => {
  const role = {
    name: 'Register',
    arn: 'arn:register',
    statements: [
      allow(['dynamodb:PutItem', 'dynamodb:GetItem'], ['arn:table/*']),
      allow(['logs:Put'], ['*']),
    ],
  };
  const permissions = new Permissions();
  expect(
    permissions.denies(role, { action: 'dynamodb:PutItem', resources: ['arn:table/Directory'] }),
  ).toBeUndefined();
  expect(permissions.denies(role, { action: 'dynamodb:Scan', resources: ['arn:table/Directory'] })).toBe(
    'arn:table/Directory',
  );
  expect(unusedOf(grantsOf([role]), permissions.used)).toEqual([
    { function: 'Register', action: 'dynamodb:GetItem', resource: 'arn:table/*' },
  ]);
  expect(permissions.denied).toEqual([
    { function: 'Register', action: 'dynamodb:Scan', resource: 'arn:table/Directory' },
  ]);
});
