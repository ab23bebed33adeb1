import { expect, test } from 'vitest';
import { unusedOf } from '../../local/iam.ts';
import { anyone, ask, callback, localCloud } from './cloud.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';
const POSTS = 'arn:aws:execute-api:us-east-1:000000000000:Api/test/*/@connections/*';
const things = { 'Fn::GetAtt': ['Things', 'Arn'] };
const environment = { TABLE: { Ref: 'Things' } };
const attributes = (...names: string[]) => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': names },
});
const read = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: things };

const { cloud, open } = await localCloud({
  reader: {
    handler: 'reader',
    environment,
    statements: [
      { ...read, Action: ['dynamodb:GetItem', 'dynamodb:DeleteItem'] },
      { Effect: 'Allow', Action: ['logs:PutLogEvents'], Resource: '*' },
    ],
  },
  poster: { handler: 'poster', environment: callback, statements: [anyone] },
  outsider: { handler: 'poster', environment: callback },
  narrow: { handler: 'reader', environment, statements: [{ ...read, Condition: attributes('id', 'name') }] },
  blind: { handler: 'reader', environment, statements: [{ ...read, Condition: attributes('name') }] },
  other: {
    handler: 'reader',
    environment,
    statements: [{ ...read, Condition: { StringEquals: { 'dynamodb:LeadingKeys': 'b' } } }],
  },
});

const denied = { status: 400, name: 'AccessDeniedException' };

test('used rights and denied calls are recorded at both endpoints', async () => {
  const client = await open();
  await ask(client, { type: 'reader' });
  const before = await cloud.grants();
  const mine = ({ function: who }: { function: string }) =>
    who === 'readerFunction' || who === 'posterFunction';
  const reads = { function: 'readerFunction', action: 'dynamodb:GetItem', resource: TABLE };
  const deletes = { ...reads, action: 'dynamodb:DeleteItem' };
  const posts = { function: 'posterFunction', action: 'execute-api:ManageConnections', resource: POSTS };
  expect(before.granted.filter(mine)).toEqual([reads, deletes, posts]);
  expect(before.used.filter(mine)).toEqual([{ ...reads, on: TABLE }]);
  expect(unusedOf(before.granted, before.used).filter(mine)).toEqual([deletes, posts]);
  expect(before.denied).toEqual([]);

  await ask(client, { type: 'poster', verb: 'GET' });
  await ask(client, { type: 'reader', write: true });
  await ask(client, { type: 'outsider', verb: 'GET', to: 'x' });
  const after = await cloud.grants();
  expect(unusedOf(after.granted, after.used).filter(mine)).toEqual([deletes]);
  expect(after.denied).toEqual([
    { function: 'readerFunction', action: 'dynamodb:PutItem', resource: TABLE },
    {
      function: 'outsiderFunction',
      action: 'execute-api:ManageConnections',
      resource: POSTS.replace(/\*.*/, 'GET/@connections/x'),
    },
  ]);
});

test('the conditions of a template hold at the table', async () => {
  const client = await open();
  expect(await ask(client, { type: 'narrow' })).toEqual({ status: 200 });
  expect(await ask(client, { type: 'blind' })).toMatchObject(denied);
  expect(await ask(client, { type: 'other' })).toMatchObject(denied);
});
