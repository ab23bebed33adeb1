import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { storeContract } from '../support/store-contract.ts';
import { dynamoDbLocal, folder } from './dynamodb-local.ts';
import { type RealStore, realStore } from './real-store.ts';

type Json = Record<string, unknown>;

const create = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'at', KeyType: 'RANGE' },
  ],
};
const Key = { id: { S: 'a' }, at: { N: '1' } };
const items = Array.from({ length: 12 }, (_, at) => ({
  id: { S: 'a' },
  at: { N: `${at}` },
  text: { S: `${at}`.repeat(1_500) },
  count: { N: '7' },
}));

/** What the service says: an error's name, or all of an answer. */
async function call({ endpoint }: RealStore, operation: string, input: Json): Promise<Json> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=TEST/20261127/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=x',
      'x-amz-security-token': 'test',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
    },
    body: JSON.stringify({ TableName: 'Opinions', ReturnConsumedCapacity: 'TOTAL', ...input }),
  });
  const { __type, message: _, Message: __, ...answer } = (await response.json()) as Json;
  if (operation === 'CreateTable') return {};
  // Its messages are not the service's: where the two differ, ours are.
  const error = __type === undefined ? {} : { error: String(__type).split('#').at(-1) };
  return { status: response.status, ...error, ...answer };
}

const get = (more: Json = {}): [string, Json] => ['GetItem', { Key, ...more }];
const put = (item: Json, more: Json = {}): [string, Json] => [
  'PutItem',
  { Item: { ...Key, ...item }, ...more },
];
const update = (UpdateExpression: string, more: Json = {}): [string, Json] => [
  'UpdateItem',
  { Key, UpdateExpression, ...more },
];
const query = (more: Json = {}): [string, Json] => [
  'Query',
  { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'a' } }, ...more },
];
const never = { ConditionExpression: 'attribute_not_exists(id)' };
const nested = (depth: number): Json => (depth === 0 ? { S: 'x' } : { M: { m: nested(depth - 1) } });

// What finds nothing is free there. The service's guide: "DynamoDB still consumes provisioned read throughput".
const UNDERCOUNTED = new Set(['a query of nothing', 'a batch of gets']);

/** Calls one after the other, of the kinds that the store makes, at the edges of what they may. */
const calls = (
  [
    ['a get', get()],
    ['a get of the newest', get({ ConsistentRead: true })],
    ['a get of nothing', get({ Key: { id: { S: 'none' }, at: { N: '1' } }, ConsistentRead: true })],
    [
      'a get of some attributes',
      get({ ProjectionExpression: 'id, #c', ExpressionAttributeNames: { '#c': 'count' } }),
    ],
    ['a get by half a key', get({ Key: { id: { S: 'a' } } })],
    ['a get by a key of another type', get({ Key: { ...Key, at: { S: '1' } } })],
    ['a get by an empty key', get({ Key: { ...Key, id: { S: '' } } })],
    ['a query', query()],
    ['a query of the newest', query({ ConsistentRead: true })],
    [
      'a query of nothing',
      query({ ExpressionAttributeValues: { ':id': { S: 'none' } }, ConsistentRead: true }),
    ],
    ['a query, in part', query({ Limit: 2, ScanIndexForward: false, ConsistentRead: true })],
    ['a query that goes on', query({ Limit: 2, ExclusiveStartKey: { id: { S: 'a' }, at: { N: '9' } } })],
    [
      'a query that filters',
      query({
        FilterExpression: '#c > :c',
        ExpressionAttributeNames: { '#c': 'count' },
        ExpressionAttributeValues: { ':id': { S: 'a' }, ':c': { N: '7' } },
      }),
    ],
    ['a query that counts', query({ Select: 'COUNT' })],
    [
      'a query of a range',
      query({
        KeyConditionExpression: 'id = :id AND #at BETWEEN :low AND :high',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':id': { S: 'a' }, ':low': { N: '3' }, ':high': { N: '5' } },
      }),
    ],
    [
      'a query with a value too many',
      query({ ExpressionAttributeValues: { ':id': { S: 'a' }, ':x': { S: 'x' } } }),
    ],
    [
      'a query of no partition',
      query({ KeyConditionExpression: '#at = :id', ExpressionAttributeNames: { '#at': 'at' } }),
    ],
    ['a put over what is there', put({ text: { S: 'new' } })],
    ['a put that answers with what was there', put({ text: { S: 'newer' } }, { ReturnValues: 'ALL_OLD' })],
    ['a put under a condition that fails', put({}, never)],
    [
      'a put under a condition that fails, with the item',
      put({}, { ...never, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    ],
    ['a put of a large item under a condition that fails', put({ text: { S: 'x'.repeat(3_000) } }, never)],
    ['a put of an empty string', put({ text: { S: '' } })],
    ['a put of an empty list and map', put({ list: { L: [] }, map: { M: {} } })],
    ['a put of an empty set', put({ set: { SS: [] } })],
    ['a put of a set with a value twice', put({ set: { SS: ['a', 'a'] } })],
    ['a put of null', put({ none: { NULL: true } })],
    ['a put of an empty key', put({ id: { S: '' } })],
    [
      'a put of numbers as people write them',
      put({ n: { N: '0010.50' }, e: { N: '1e3' }, m: { N: '-0' }, s: { N: ' 5' } }),
    ],
    ['a put of a number of 38 digits', put({ n: { N: '1'.repeat(38) } })],
    ['a put of a number of 39 digits', put({ n: { N: '1'.repeat(39) } })],
    ['a put of a number that is too large', put({ n: { N: '1e126' } })],
    ['a put of a number that is none', put({ n: { N: 'seven' } })],
    ['a put of 32 levels', put({ deep: nested(31) })],
    ['a put of more levels', put({ deep: nested(32) })],
    ['a put of many levels', put({ deep: nested(40) })],
    ['a list of many levels', put({ deep: { L: [nested(40)] } })],
    [
      'an update of many levels',
      update('SET deep = :deep', { ExpressionAttributeValues: { ':deep': nested(40) } }),
    ],
    ['a put of 400 KB', put({ text: { S: 'x'.repeat(400 * 1024 - 50) } })],
    ['a put of more than 400 KB', put({ text: { S: 'x'.repeat(400 * 1024) } })],
    ['a put of a long key', put({ id: { S: 'x'.repeat(2_049) } })],
    ['a put into no table', put({}, { TableName: 'Nowhere' })],
    ['what was put', get({ ConsistentRead: true })],
    [
      'an update',
      update('SET #c = :one', {
        ExpressionAttributeNames: { '#c': 'count' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    ],
    [
      'an update that adds',
      update('ADD #c :one', {
        ExpressionAttributeNames: { '#c': 'count' },
        ExpressionAttributeValues: { ':one': { N: '1.5' } },
        ReturnValues: 'UPDATED_NEW',
      }),
    ],
    [
      'an update of what is missing',
      update('SET a.b = :one', { ExpressionAttributeValues: { ':one': { N: '1' } } }),
    ],
    ['an update of the key', update('SET id = :one', { ExpressionAttributeValues: { ':one': { S: 'b' } } })],
    [
      'an update of paths that overlap',
      update('SET a = :one, a.b = :one', { ExpressionAttributeValues: { ':one': { N: '1' } } }),
    ],
    [
      'an update that adds to a text',
      update('ADD #t :one', {
        ExpressionAttributeNames: { '#t': 'text' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    ],
    [
      'an update of a reserved word',
      update('SET count = :one', { ExpressionAttributeValues: { ':one': { N: '1' } } }),
    ],
    [
      'an update under a condition that fails',
      update('REMOVE #t', {
        ExpressionAttributeNames: { '#t': 'text' },
        ConditionExpression: 'attribute_exists(nothing)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ],
    [
      'an update that makes an item',
      update('SET x = :one', {
        Key: { ...Key, at: { N: '100' } },
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'ALL_OLD',
      }),
    ],
    [
      'a list that grows',
      update('SET l = list_append(if_not_exists(l, :none), :one)', {
        ExpressionAttributeValues: { ':none': { L: [] }, ':one': { L: [{ S: 'a' }] } },
        ReturnValues: 'UPDATED_NEW',
      }),
    ],
    ['a deletion', ['DeleteItem', { Key: { ...Key, at: { N: '11' } }, ReturnValues: 'ALL_OLD' }]],
    ['a deletion of nothing', ['DeleteItem', { Key: { ...Key, at: { N: '11' } } }]],
    [
      'a deletion under a condition that fails',
      [
        'DeleteItem',
        {
          Key,
          ConditionExpression: 'attribute_exists(nothing)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
    ],
    [
      'a batch of gets',
      [
        'BatchGetItem',
        {
          TableName: undefined,
          RequestItems: { Opinions: { Keys: [Key, { ...Key, at: { N: '99' } }], ConsistentRead: true } },
        },
      ],
    ],
    [
      'a batch of gets of one key twice',
      ['BatchGetItem', { TableName: undefined, RequestItems: { Opinions: { Keys: [Key, Key] } } }],
    ],
    [
      'a batch of writes',
      [
        'BatchWriteItem',
        {
          TableName: undefined,
          RequestItems: {
            Opinions: [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key: { ...Key, at: { N: '2' } } } }],
          },
        },
      ],
    ],
    [
      'a batch of 26 writes',
      [
        'BatchWriteItem',
        {
          TableName: undefined,
          RequestItems: {
            Opinions: Array.from({ length: 26 }, (_, at) => ({
              PutRequest: { Item: { ...Key, at: { N: `${at}` } } },
            })),
          },
        },
      ],
    ],
    ['a scan', ['Scan', { Limit: 3 }]],
    ['all that is left', query({ ConsistentRead: true })],
  ] as [string, [string, Json]][]
).map(([what, [operation, input]]) => [what, operation, input] as const);

// AWS's own, where CI has it: .ci/dynamodb-local.
describe("AWS's DynamoDB Local", () => {
  let theirs: RealStore;
  let ours: RealStore;
  beforeEach(({ skip }) =>
    skip(folder === undefined, '.ci/dynamodb-local fetches DynamoDB Local, which needs Java'),
  );
  beforeAll(async () => {
    if (folder === undefined) return;
    [theirs, ours] = await Promise.all([dynamoDbLocal(), realStore()]);
    for (const store of [theirs, ours]) await call(store, 'CreateTable', create);
    for (const store of [theirs, ours])
      for (const item of items) await call(store, 'PutItem', { Item: item });
  });
  afterAll(() => Promise.all([theirs?.close(), ours?.close()]));

  describe('keeps what the rules rely on', () => storeContract(() => theirs.ports));

  test.each(calls)('answers as ours does: %s', async (what, operation, input) => {
    const [expected, found] = [await call(theirs, operation, input), await call(ours, operation, input)];
    if (UNDERCOUNTED.has(what)) for (const answer of [expected, found]) delete answer.ConsumedCapacity;
    expect(found).toEqual(expected);
  });
});
