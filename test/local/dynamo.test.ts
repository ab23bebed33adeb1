import { expect, test, vi } from 'vitest';
import { Dynamo } from '../../local/engine/dynamo.ts';
import { openStore } from '../../local/engine/store.ts';
import { sweepEvery } from '../../local/engine/ttl.ts';

const create = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};

/** A look into its store takes a moment, as on a busy disk. */
async function oneTable(): Promise<Dynamo> {
  const store = openStore();
  const slow = async (operation: string, input: Record<string, unknown>) => {
    if (operation === 'GetItem') await new Promise((done) => setTimeout(done, 1));
    return store.call(operation, input);
  };
  const dynamo = new Dynamo({ ...store, call: slow });
  await dynamo.createTable(create);
  return dynamo;
}

test('a failed condition returns the item that it met, however many write at once', async () => {
  const dynamo = await oneTable();
  const put = (colour: string, condition?: object) =>
    dynamo.call('PutItem', {
      TableName: 'Things',
      Item: { id: { S: 'a' }, colour: { S: colour } },
      ...condition,
    });
  const ifRed = {
    ConditionExpression: 'colour = :red',
    ExpressionAttributeValues: { ':red': { S: 'red' } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const outcomes = await Promise.all(
    Array.from({ length: 300 }, (_, at) =>
      at % 3 === 1 ? put('green', ifRed) : put(at % 3 ? 'red' : 'blue'),
    ),
  );
  // Whatever was refused was refused by what is not red.
  const refused = outcomes.filter(({ status }) => status === 400).map(({ body }) => body.Item);
  expect(refused.length).toBeGreaterThan(10);
  expect(new Set(refused.map((item) => JSON.stringify(item)))).toEqual(
    new Set([JSON.stringify({ id: { S: 'a' }, colour: { S: 'blue' } })]),
  );
});

test('an item has at most 32 levels, also in a batch and in an update', async () => {
  const dynamo = await oneTable();
  const nested = (maps: number): object => (maps === 0 ? { S: 'x' } : { M: { m: nested(maps - 1) } });
  const Key = { id: { S: 'deep' } };
  const put = (value: object) => dynamo.call('PutItem', { TableName: 'Things', Item: { ...Key, value } });
  const deep = nested(32);
  const refused = [
    await put(deep),
    await put({ L: [nested(31)] }),
    await dynamo.call('BatchWriteItem', {
      RequestItems: { Things: [{ PutRequest: { Item: { ...Key, value: deep } } }] },
    }),
    await dynamo.call('UpdateItem', {
      TableName: 'Things',
      Key,
      UpdateExpression: 'SET deep = :deep',
      ExpressionAttributeValues: { ':deep': deep },
    }),
  ];
  for (const { status, body } of refused)
    expect([status, body.__type]).toEqual([400, expect.stringContaining('#ValidationException')]);
  expect((await dynamo.call('GetItem', { TableName: 'Things', Key })).body).not.toHaveProperty('Item');
  expect((await put(nested(31))).status).toBe(200);
});

test('expired items are deleted some time later, and other items stay', async () => {
  const dynamo = await oneTable();
  const now = Math.floor(Date.now() / 1000);
  const times = {
    past: { N: `${now - 5}` },
    future: { N: `${now + 600}` },
    text: { S: '1' },
    none: undefined,
  };
  for (const [id, expires] of Object.entries(times)) {
    const Item = { id: { S: id }, ...(expires && { expires }) };
    await dynamo.call('PutItem', { TableName: 'Things', Item });
  }
  const stop = sweepEvery(10, dynamo, [{ name: 'Things', arn: '', create, ttl: 'expires' }]);
  await vi.waitFor(async () => {
    const { body } = await dynamo.call('Scan', { TableName: 'Things' });
    const ids = (body.Items as { id: { S: string } }[]).map(({ id }) => id.S);
    expect(ids.sort()).toEqual(['future', 'none', 'text']);
  }, 60_000);
  stop();
});
