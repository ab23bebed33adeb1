import { expect, test } from 'vitest';
import { Dynamo } from '../../local/engine/dynamo.ts';
import { openStore } from '../../local/engine/store.ts';
import { bytesOf } from '../../local/engine/units.ts';

// The rules are those of DynamoDB's developer guide (local/engine/units.ts names its chapters).
type Json = Record<string, unknown>;

const attribute = (name: string, type = 'S') => ({ AttributeName: name, AttributeType: type });
const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type });
const index = (name: string, by: string, projection: Json) => ({
  IndexName: name,
  KeySchema: [key(by, 'HASH')],
  Projection: projection,
});
const create = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [attribute('id'), attribute('at', 'N'), attribute('kind'), attribute('owner')],
  KeySchema: [key('id', 'HASH'), key('at', 'RANGE')],
  GlobalSecondaryIndexes: [
    index('by-kind', 'kind', { ProjectionType: 'KEYS_ONLY' }),
    index('by-owner', 'owner', { ProjectionType: 'ALL' }),
  ],
};

/** A table with these items. */
async function aTable(items: Json[] = []): Promise<Dynamo> {
  const store = openStore();
  await store.ready();
  const dynamo = new Dynamo(store);
  await dynamo.createTable(create);
  for (const Item of items) await dynamo.call('PutItem', { TableName: 'Things', Item });
  return dynamo;
}

const TableName = 'Things';
const Key = (at = 1, id = 'a') => ({ id: { S: id }, at: { N: `${at}` } });
/** An item of exactly so many bytes: its key takes 2 + 1 and 2 + 2 of them, the name of its text 1. */
const item = (bytes: number, at = 1, more: Json = {}) => ({
  ...Key(at),
  x: { S: 'x'.repeat(bytes - 8 - bytesOf(more as never)) },
  ...more,
});
const kind = (name: string) => ({ kind: { S: name } });
const owner = (name: string) => ({ owner: { S: name } });
const ConsistentRead = true;
const all = { KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': { S: 'a' } } };
const ofKind = {
  IndexName: 'by-kind',
  KeyConditionExpression: 'kind = :kind',
  ExpressionAttributeValues: { ':kind': { S: 'k' } },
};
const set = (name: string, value: string) => ({
  UpdateExpression: 'SET #name = :value',
  ExpressionAttributeNames: { '#name': name },
  ExpressionAttributeValues: { ':value': { S: value } },
});
const never = { ConditionExpression: 'attribute_exists(nothing)' };
const batch = (keys: Json[], more: Json = {}) => ({ RequestItems: { Things: { Keys: keys, ...more } } });

const reads: [name: string, units: number, operation: string, input: Json, there?: Json[]][] = [
  ['GetItem of nothing', 1, 'GetItem', { Key: Key(), ConsistentRead }],
  ['GetItem of nothing, eventually consistent', 0.5, 'GetItem', { Key: Key() }],
  ['GetItem of 4 KB', 1, 'GetItem', { Key: Key(), ConsistentRead }, [item(4096)]],
  ['GetItem of a byte more', 2, 'GetItem', { Key: Key(), ConsistentRead }, [item(4097)]],
  ['GetItem of a byte more, eventually consistent', 1, 'GetItem', { Key: Key() }, [item(4097)]],
  [
    'GetItem of one attribute: the item is read whole',
    2,
    'GetItem',
    { Key: Key(), ConsistentRead, ProjectionExpression: 'id' },
    [item(4097)],
  ],
  [
    'GetItem of text that is no ASCII: bytes, not characters',
    2,
    'GetItem',
    { Key: Key(), ConsistentRead },
    [{ ...Key(), x: { S: 'é'.repeat(2100) } }],
  ],
  [
    'BatchGetItem: each item is rounded up by itself, missing ones too',
    4,
    'BatchGetItem',
    batch([Key(1), Key(2), Key(3)], { ConsistentRead }),
    [item(100), item(4097, 2)],
  ],
  [
    'BatchGetItem, eventually consistent',
    2,
    'BatchGetItem',
    batch([Key(1), Key(2), Key(3)]),
    [item(100), item(4097, 2)],
  ],
  ['Query that finds nothing', 1, 'Query', { ...all, ConsistentRead }],
  ['Query that finds nothing, eventually consistent', 0.5, 'Query', all],
  [
    'Query: the sum is rounded up, not each item',
    1,
    'Query',
    { ...all, ConsistentRead },
    [1, 2, 3, 4].map((at) => item(1024, at)),
  ],
  [
    'Query of a byte more',
    2,
    'Query',
    { ...all, ConsistentRead },
    [...[1, 2, 3].map((at) => item(1024, at)), item(1025, 4)],
  ],
  [
    'Query, eventually consistent',
    1,
    'Query',
    all,
    [...[1, 2, 3].map((at) => item(1024, at)), item(1025, 4)],
  ],
  [
    'Query with a limit: what it did not look at costs nothing',
    1,
    'Query',
    { ...all, ConsistentRead, Limit: 1 },
    [item(4096), item(4096, 2)],
  ],
  [
    'Query of text that is no ASCII',
    2,
    'Query',
    { ...all, ConsistentRead },
    [{ ...Key(), x: { S: 'é'.repeat(2100) } }],
  ],
  [
    'Query with a filter: what it left out was read',
    2,
    'Query',
    { ...all, ConsistentRead, FilterExpression: 'attribute_exists(nothing)' },
    [item(4000), item(4000, 2)],
  ],
  [
    'Query with a filter that finds nothing to filter',
    1,
    'Query',
    { ...all, ConsistentRead, FilterExpression: 'attribute_exists(nothing)' },
  ],
  ['Query of an index that finds nothing', 0.5, 'Query', ofKind],
  [
    'Query of an index: what the index holds, not the items',
    0.5,
    'Query',
    ofKind,
    [item(4096, 1, kind('k')), item(4096, 2, kind('k'))],
  ],
  ['Scan of nothing', 0.5, 'Scan', {}],
];

test.each(reads)('%s: %d', async (_, units, operation, input, there) => {
  const dynamo = await aTable(there);
  const table = operation === 'BatchGetItem' ? {} : { TableName };
  const { status, consumed } = await dynamo.call(operation, { ...table, ...input });
  expect(status).toBe(200);
  expect(consumed).toEqual({ read: units, write: 0 });
});

const writes: [name: string, units: number, operation: string, input: Json, there?: Json][] = [
  ['PutItem of 1 KB', 1, 'PutItem', { Item: item(1024) }],
  ['PutItem of a byte more', 2, 'PutItem', { Item: item(1025) }],
  ['PutItem over a larger item', 3, 'PutItem', { Item: item(100) }, item(2049)],
  ['UpdateItem that makes an item', 1, 'UpdateItem', { Key: Key(), ...set('x', 'y') }],
  ['UpdateItem that makes one smaller', 3, 'UpdateItem', { Key: Key(), ...set('x', 'y') }, item(2049)],
  [
    'UpdateItem that makes one larger',
    3,
    'UpdateItem',
    { Key: Key(), ...set('y', 'y'.repeat(2040)) },
    item(100),
  ],
  ['DeleteItem of 2 KB and a byte', 3, 'DeleteItem', { Key: Key() }, item(2049)],
  ['DeleteItem of nothing', 1, 'DeleteItem', { Key: Key() }],
  ['PutItem refused, where nothing is', 2, 'PutItem', { Item: item(1025), ...never }],
  ['PutItem refused by a larger item', 3, 'PutItem', { Item: item(100), ...never }, item(2049)],
  ['PutItem refused by a smaller item', 3, 'PutItem', { Item: item(2049), ...never }, item(100)],
  ['UpdateItem refused by what is not there', 1, 'UpdateItem', { Key: Key(), ...set('x', 'y'), ...never }],
  ['UpdateItem refused by an item', 3, 'UpdateItem', { Key: Key(), ...set('x', 'y'), ...never }, item(2049)],
  ['DeleteItem refused by an item', 3, 'DeleteItem', { Key: Key(), ...never }, item(2049)],
  ['PutItem into an index of keys', 3, 'PutItem', { Item: item(1025, 1, kind('k')) }],
  ['PutItem into an index of all attributes', 4, 'PutItem', { Item: item(1025, 1, owner('o')) }],
  ['PutItem into both', 1 + 1 + 1, 'PutItem', { Item: item(500, 1, { ...kind('k'), ...owner('o') }) }],
  ['PutItem of the same again', 1, 'PutItem', { Item: item(500, 1, kind('k')) }, item(500, 1, kind('k'))],
  [
    'UpdateItem of what the index does not hold',
    1,
    'UpdateItem',
    { Key: Key(), ...set('x', 'y') },
    item(500, 1, kind('k')),
  ],
  [
    'UpdateItem of what the index holds',
    2,
    'UpdateItem',
    { Key: Key(), ...set('x', 'y') },
    item(500, 1, owner('o')),
  ],
  [
    "UpdateItem of the index's key: deleted there, and put",
    3,
    'UpdateItem',
    { Key: Key(), ...set('kind', 'l') },
    item(500, 1, kind('k')),
  ],
  [
    'UpdateItem that brings it into the index',
    2,
    'UpdateItem',
    { Key: Key(), ...set('kind', 'k') },
    item(500),
  ],
  [
    'UpdateItem that takes it out of the index',
    2,
    'UpdateItem',
    { Key: Key(), UpdateExpression: 'REMOVE kind' },
    item(500, 1, kind('k')),
  ],
  ['DeleteItem of what is in an index', 2, 'DeleteItem', { Key: Key() }, item(500, 1, kind('k'))],
  [
    'a refusal: indexes are not touched',
    1,
    'UpdateItem',
    { Key: Key(), ...set('kind', 'l'), ...never },
    item(500, 1, kind('k')),
  ],
];

test.each(writes)('%s: %d', async (_, units, operation, input, there) => {
  const dynamo = await aTable(there ? [there] : []);
  const { consumed, body } = await dynamo.call(operation, { TableName, ...input });
  expect(body.__type ?? 'done').toMatch(input.ConditionExpression ? /ConditionalCheckFailed/ : /^done$/);
  expect(consumed).toEqual({ read: 0, write: units });
});

test('BatchWriteItem costs as much as its writes one by one', async () => {
  const dynamo = await aTable([item(2049, 2, kind('k'))]);
  const requests = [{ PutRequest: { Item: item(1025) } }, { DeleteRequest: { Key: Key(2) } }];
  const { consumed } = await dynamo.call('BatchWriteItem', { RequestItems: { Things: requests } });
  expect(consumed).toEqual({ read: 0, write: 2 + 3 + 1 });
});

test.each([
  ['text, in UTF-8', { S: 'né' }, 3],
  ['a number: a byte for two digits, and one', { N: '1234' }, 3],
  ['a number of odd length', { N: '-12345' }, 4],
  ['zeros that mean nothing', { N: '001200' }, 2],
  ['bytes', { B: Buffer.from('abc').toString('base64') }, 3],
  ['a boolean', { BOOL: false }, 1],
  ['nothing', { NULL: true }, 1],
  ['a set', { SS: ['ab', 'c'] }, 3],
  ['a list: 3, and 1 for each', { L: [{ S: 'ab' }, { N: '1' }] }, 3 + 1 + 2 + 1 + 2],
  ['a map: 3, and 1 for each', { M: { ab: { S: 'c' } } }, 3 + 1 + 2 + 1],
  ['an empty map', { M: {} }, 3],
])('%s has a size in bytes: %j, %d', (_, value, bytes) => {
  expect(bytesOf({ n: value })).toBe(1 + bytes);
});
