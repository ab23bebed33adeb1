import { expect, test } from 'vitest';
import { isAllowed } from '../../local/iam.ts';
import type { Statement } from '../../local/template/model.ts';

const allow = (actions: string[], resources: string[]): Statement => ({
  effect: 'Allow',
  actions,
  resources,
});
const deny = (actions: string[], resources: string[]): Statement => ({ effect: 'Deny', actions, resources });
const call = { action: 'dynamodb:PutItem', resource: 'arn:table/Names' };

test.each<[string, Statement[], boolean]>([
  ['nothing', [], false],
  ['the very action and resource', [allow(['dynamodb:PutItem'], ['arn:table/Names'])], true],
  ['the action in another case', [allow(['DynamoDB:putitem'], ['arn:table/Names'])], true],
  ['the resource in another case', [allow(['dynamodb:PutItem'], ['arn:table/names'])], false],
  ['one of several', [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ['arn:x', 'arn:table/Names'])], true],
  ['all actions', [allow(['*'], ['*'])], true],
  ['a wildcard in both', [allow(['dynamodb:Put*'], ['arn:*/Na?es'])], true],
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
