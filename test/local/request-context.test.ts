import { expect, test } from 'vitest';
import { contextOf } from '../../local/engine/context.ts';

type Json = Record<string, unknown>;

const hashKeyOf = (_: string, index?: string) => (index === undefined ? 'chat' : 'user');
const of = (operation: string, input: Json) => contextOf({ operation, input }, hashKeyOf);
const attributesOf = (operation: string, input: Json) =>
  of(operation, input)['dynamodb:Attributes']?.toSorted();
const keysOf = (operation: string, input: Json) => of(operation, input)['dynamodb:LeadingKeys'];

test('the attributes of a request are those at the top level, wherever others are', () => {
  const input = {
    TableName: 'T',
    Key: { username: { S: 'ann' } },
    UpdateExpression: 'SET connections.#c = :device, #r = if_not_exists(#r, :none) REMOVE pending.#c',
    ConditionExpression: 'attribute_exists(epoch) AND size(connections) < :most',
    ExpressionAttributeNames: { '#c': 'hash', '#r': 'role' },
    ReturnValues: 'ALL_NEW',
  };
  expect(attributesOf('UpdateItem', input)).toEqual(['connections', 'epoch', 'pending', 'role', 'username']);
  expect(of('UpdateItem', input)['dynamodb:ReturnValues']).toEqual(['ALL_NEW']);
});

test.each<[string, string, Json, string[]]>([
  [
    'a batch that reads',
    'BatchGetItem',
    { RequestItems: { T: { Keys: [{ chat: { S: 'a' } }], ProjectionExpression: 'one, two.three' } } },
    ['chat', 'one', 'two'],
  ],
  [
    'a batch that writes',
    'BatchWriteItem',
    {
      RequestItems: {
        T: [
          { PutRequest: { Item: { chat: { S: 'a' }, hash: { S: 'h' } } } },
          { DeleteRequest: { Key: { other: { S: 'b' } } } },
        ],
      },
    },
    ['chat', 'hash', 'other'],
  ],
  [
    'a query',
    'Query',
    { TableName: 'T', KeyConditionExpression: 'chat = :c AND seq > :s', FilterExpression: 'kind IN (:k)' },
    ['chat', 'kind', 'seq'],
  ],
  [
    'a request in words from before there were expressions',
    'Query',
    { TableName: 'T', KeyConditions: { chat: {} }, QueryFilter: { kind: {} }, AttributesToGet: ['hash'] },
    ['chat', 'hash', 'kind'],
  ],
])('%s names its attributes', (_, operation, input, expected) => {
  expect(attributesOf(operation, input)).toEqual(expected);
});

const values = { ExpressionAttributeValues: { ':c': { S: 'a:b' }, ':u': { S: 'ann' } } };

test.each<[string, string, Json, string[]]>([
  ['a get', 'GetItem', { TableName: 'T', Key: { chat: { S: 'a' }, seq: { N: '1' } } }, ['a']],
  ['a put', 'PutItem', { TableName: 'T', Item: { chat: { N: '7' } } }, ['7']],
  [
    'a query',
    'Query',
    { TableName: 'T', KeyConditionExpression: 'seq > :s AND chat=:c', ...values },
    ['a:b'],
  ],
  [
    'a query by another name',
    'Query',
    {
      TableName: 'T',
      KeyConditionExpression: '#h = :c',
      ExpressionAttributeNames: { '#h': 'chat' },
      ...values,
    },
    ['a:b'],
  ],
  [
    'a query of an index',
    'Query',
    { TableName: 'T', IndexName: 'by-user', KeyConditionExpression: 'user = :u AND chat = :c', ...values },
    ['ann'],
  ],
  [
    'a query in older words',
    'Query',
    { TableName: 'T', KeyConditions: { chat: { AttributeValueList: [{ S: 'old' }] } } },
    ['old'],
  ],
  // Not absent: that would meet every condition for all values.
  [
    'a query that hides it',
    'Query',
    { TableName: 'T', KeyConditionExpression: ':c = chat', ...values },
    [''],
  ],
  [
    'a batch',
    'BatchGetItem',
    { RequestItems: { T: { Keys: [{ chat: { S: 'a' } }, { chat: { S: 'b' } }] } } },
    ['a', 'b'],
  ],
  ['a scan, which has none', 'Scan', { TableName: 'T' }, []],
])('the leading keys of %s', (_, operation, input, expected) => {
  expect(keysOf(operation, input)).toEqual(expected);
});
