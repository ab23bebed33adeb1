import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { startEngine } from '../../local/engine/engine.ts';
import { tempFolder } from './stack.ts';

const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';
const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type });
const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' });
const create = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [text('id'), text('at'), text('kind')],
  KeySchema: [key('id', 'HASH'), key('at', 'RANGE')],
  GlobalSecondaryIndexes: [
    { IndexName: 'by-kind', KeySchema: [key('kind', 'HASH')], Projection: { ProjectionType: 'ALL' } },
  ],
};
const table = { name: 'Things', arn, create };
const may = (id: string, ...statements: { actions: string[]; resources: string[]; effect?: 'Deny' }[]) =>
  [
    id,
    {
      sessionToken: tokenOf(id),
      identity: {
        id,
        name: id,
        arn: `arn:${id}`,
        statements: statements.map((each) => ({ effect: 'Allow' as const, ...each })),
      },
    },
  ] as const;
const tokenOf = (id: string) => `token of ${id}`;
const callers = new Map([
  may('all', { actions: ['dynamodb:*'], resources: [arn] }),
  may('reads', { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [arn] }),
  may('index', { actions: ['dynamodb:Query'], resources: [`${arn}/index/*`] }),
  may(
    'refused',
    { actions: ['dynamodb:*'], resources: ['*'] },
    { effect: 'Deny', actions: ['dynamodb:Put*'], resources: [arn] },
  ),
]);

const engine = await startEngine({ tables: [table], callers });
afterAll(() => engine.close());

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
function clientOf(
  caller: string,
  endpoint = engine.endpoint,
  sessionToken: string | undefined = tokenOf(caller),
): DynamoDBClient {
  const credentials = { accessKeyId: `${caller}-1`, secretAccessKey: 'x', sessionToken };
  return new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
}

const Key = (id: string) => ({ id: { S: id }, at: { S: '1' } });
const get = (id: string) => new GetItemCommand({ TableName: 'Things', Key: Key(id), ConsistentRead: true });
const put = (id: string, more = {}) =>
  new PutItemCommand({ TableName: 'Things', Item: { ...Key(id), kind: { S: 'x' } }, ...more });
const all = clientOf('all');

describe('a failed condition', () => {
  const fresh = { ConditionExpression: 'attribute_not_exists(id)' };

  test('returns the item that it met, if requested', async () => {
    await all.send(put('there'));
    const asked = put('there', { ...fresh, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    await expect(all.send(asked)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { ...Key('there'), kind: { S: 'x' } },
    });
    const error = await all.send(put('there', fresh)).catch((reason) => reason);
    expect(error.name).toBe('ConditionalCheckFailedException');
    expect(error.Item).toBeUndefined();
  });

  test('returns no item if there is none', async () => {
    const update = new UpdateItemCommand({
      TableName: 'Things',
      Key: Key('missing'),
      UpdateExpression: 'SET n = :n',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':n': { N: '1' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const error = await all.send(update).catch((reason) => reason);
    expect(error.name).toBe('ConditionalCheckFailedException');
    expect(error.Item).toBeUndefined();
  });
});

describe('the cost of calls', () => {
  beforeEach(() => engine.resetCounts());

  test('is counted by caller, table and operation, for failed conditions too', async () => {
    await all.send(put('a', { Item: { ...Key('a'), x: { S: 'y'.repeat(1500) } } }));
    await all.send(put('a', { ConditionExpression: 'attribute_not_exists(id)' })).catch(() => {});
    await clientOf('reads').send(get('a'));
    const line = (caller: string, operation: string, more: object) => ({
      caller,
      table: 'Things',
      operation,
      read: 0,
      write: 0,
      ...more,
    });
    expect(await engine.counts()).toEqual([
      line('all', 'PutItem', { requests: 2, write: 4 }),
      line('reads', 'GetItem', { requests: 1, read: 1 }),
    ]);
  });

  test('is returned to the caller only if requested', async () => {
    expect(await all.send(get('a'))).not.toHaveProperty('ConsumedCapacity');
    const asking = new GetItemCommand({
      TableName: 'Things',
      Key: Key('a'),
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect((await all.send(asking)).ConsumedCapacity).toEqual({ TableName: 'Things', CapacityUnits: 0.5 });
  });
});

describe('access rights', () => {
  const query = new QueryCommand({
    TableName: 'Things',
    IndexName: 'by-kind',
    KeyConditionExpression: 'kind = :kind',
    ExpressionAttributeValues: { ':kind': { S: 'x' } },
  });
  const batch = new BatchWriteItemCommand({
    RequestItems: { Things: [{ DeleteRequest: { Key: Key('a') } }] },
  });

  test.each([
    ['a read that is allowed', 'reads', get('a')],
    ['a query of an index that is allowed', 'index', query],
    ['what an allowance with a wildcard covers', 'refused', get('a')],
  ])('%s is answered', async (_, caller, command) => {
    const { $metadata } = await clientOf(caller).send(command as GetItemCommand);
    expect($metadata.httpStatusCode).toBe(200);
  });

  test.each([
    ['a write by who may only read', 'reads', put('a'), 'dynamodb:PutItem', arn],
    ['a scan by who may only query', 'reads', new ScanCommand({ TableName: 'Things' }), 'dynamodb:Scan', arn],
    ['the index by who may only query the table', 'reads', query, 'dynamodb:Query', `${arn}/index/by-kind`],
    ['the table by who may only query the index', 'index', get('a'), 'dynamodb:GetItem', arn],
    ['a batch, in which a table is not allowed', 'reads', batch, 'dynamodb:BatchWriteItem', arn],
    ['what a denial names, whatever is allowed', 'refused', put('a'), 'dynamodb:PutItem', arn],
    ['what names no table', 'all', new ListTablesCommand(), 'dynamodb:ListTables', '*'],
  ])('%s is denied', async (_, caller, command, action, resource) => {
    await expect(clientOf(caller).send(command as GetItemCommand)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `User: arn:${caller} is not authorized to perform: ${action} on resource: ${resource} `,
      ),
    });
  });

  test.each([
    ['a stranger', 'stranger', tokenOf('stranger')],
    ['somebody with the key and no token', 'all', ''],
    ['somebody with the key and a wrong token', 'all', tokenOf('all').replace(/l$/, 'k')],
    ["somebody with the key and another function's token", 'all', tokenOf('reads')],
  ])('%s is not recognized', async (_, caller, token) => {
    const client = clientOf(caller, engine.endpoint, token);
    await expect(client.send(get('a'))).rejects.toHaveProperty('name', 'UnrecognizedClientException');
  });
});

test.each([
  ['no JSON', 'GetItem', '{', 'SerializationException'],
  ['JSON that is no object', 'GetItem', 'null', 'SerializationException'],
  ['an operation that there is not', '../PutItem', '{}', 'UnknownOperationException'],
  ['a transaction, which it does not do', 'TransactWriteItems', '{}', 'UnknownOperationException'],
  ['an item that is none', 'PutItem', '{"TableName":"Things","Item":{"id":1}}', 'SerializationException'],
])('a request with %s is refused, and affects nobody', async (_, operation, body, type) => {
  const headers = {
    authorization: 'AWS4-HMAC-SHA256 Credential=all-1/',
    'x-amz-security-token': tokenOf('all'),
    'x-amz-target': `DynamoDB_20120810.${operation}`,
  };
  const response = await fetch(engine.endpoint, { method: 'POST', headers, body });
  expect(response.status).toBe(400);
  expect(((await response.json()) as { __type: string }).__type.split('#')[1]).toBe(type);
  expect((await all.send(get('a'))).$metadata.httpStatusCode).toBe(200);
});

describe('data in a folder', () => {
  const path = tempFolder();

  test('is there again, and belongs to one process at a time', async () => {
    const first = await startEngine({ path, tables: [table], callers });
    await clientOf('all', first.endpoint).send(put('kept'));
    await expect(startEngine({ path, tables: [table], callers })).rejects.toThrow(
      'in use by another process',
    );
    await first.close();
    const again = await startEngine({ path, tables: [table], callers });
    expect((await clientOf('all', again.endpoint).send(get('kept'))).Item).toHaveProperty('kind', { S: 'x' });
    await again.close();
  });

  test('of a table that has got an index since is in that index, and so is what comes', async () => {
    const { GlobalSecondaryIndexes: _, ...rest } = create;
    const before = { ...rest, TableName: 'Old', AttributeDefinitions: [text('id'), text('at')] };
    const old = (definition: object) => [{ name: 'Old', arn, create: { ...definition, TableName: 'Old' } }];
    const byKind = new QueryCommand({
      TableName: 'Old',
      IndexName: 'by-kind',
      KeyConditionExpression: 'kind = :kind',
      ExpressionAttributeValues: { ':kind': { S: 'x' } },
    });
    const open = new Map([may('all', { actions: ['dynamodb:*'], resources: ['*'] })]);
    const putOld = (id: string) =>
      new PutItemCommand({ TableName: 'Old', Item: { ...Key(id), kind: { S: 'x' } } });
    const first = await startEngine({ path, tables: old(before), callers: open });
    for (const id of ['a', 'b']) await clientOf('all', first.endpoint).send(putOld(id));
    await first.close();
    for (const ids of [
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]) {
      const now = await startEngine({ path, tables: old(create), callers: open });
      await clientOf('all', now.endpoint).send(putOld(ids.at(-1) as string));
      const { Items = [] } = await clientOf('all', now.endpoint).send(byKind);
      expect(Items.map(({ id }) => id?.S).sort()).toEqual(ids);
      await now.close();
    }
    // Code of before the index would not write into it.
    await expect(startEngine({ path, tables: old(before), callers: open })).rejects.toThrow('other keys');
  });

  test('of other tables than those of the template is refused', async () => {
    const other = {
      ...create,
      KeySchema: [key('id', 'HASH')],
      AttributeDefinitions: [text('id'), text('kind')],
    };
    const start = startEngine({ path, tables: [{ ...table, create: other }], callers });
    await expect(start).rejects.toThrow('a table Things with other keys or indexes');
  });
});

test('functions may create no tables unless their rights say so', async () => {
  await expect(clientOf('reads').send(new CreateTableCommand(create as never))).rejects.toHaveProperty(
    'name',
    'AccessDeniedException',
  );
});
