import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import {
  BatchGetCommand,
  type Capacity,
  documents,
  PutCommand,
  paginateQuery,
  QueryCommand,
} from '../../store/documents.ts';
import { conditionFailed } from './aws-errors.ts';

/** A client that answers by itself, and what reached the part of it which would write it down. */
function stubbed(answers: (object | Error)[]) {
  const asked: object[] = [];
  const client = new DynamoDBClient({ region: 'us-east-1', cacheMiddleware: true });
  const answer = async ({ input }: { input: object }) => {
    asked.push(input);
    const answer = answers[asked.length - 1];
    if (answer instanceof Error) throw answer;
    return { response: {}, output: { $metadata: {}, ...answer } as never };
  };
  client.middlewareStack.add(() => answer, { step: 'serialize', priority: 'high' });
  return { client, asked };
}

/** As the store has it. */
function answering(...answers: (object | Error)[]) {
  const { client, asked } = stubbed(answers);
  return { client: documents(client), asked };
}

const key = (id: number) => ({ chat_id: { S: '#team' }, seq: { N: `${id}` } });
const plain = (id: number) => ({ chat_id: '#team', seq: id });

describe('values', () => {
  test('are converted for DynamoDB, and back to plain values', async () => {
    const { client, asked } = answering({ Attributes: { names: { SS: ['a'] }, at: { N: '5' } } });
    const put = new PutCommand({
      TableName: 'T',
      Item: { id: 'x', none: undefined, of: { n: 1, list: [true, null] }, names: new Set(['a', 'b']) },
      ExpressionAttributeNames: { '#a': 'a' },
      ExpressionAttributeValues: { ':v': 2 },
    });
    expect((await client.send(put)).Attributes).toEqual({ names: new Set(['a']), at: 5 });
    expect(asked).toEqual([
      {
        TableName: 'T',
        Item: {
          id: { S: 'x' },
          of: { M: { n: { N: '1' }, list: { L: [{ BOOL: true }, { NULL: true }] } } },
          names: { SS: ['a', 'b'] },
        },
        ExpressionAttributeNames: { '#a': 'a' },
        ExpressionAttributeValues: { ':v': { N: '2' } },
      },
    ]);
  });

  test('of a batch are converted table by table, also unprocessed ones', async () => {
    const { client, asked } = answering({
      Responses: { T: [key(1)], U: [] },
      UnprocessedKeys: { T: { Keys: [key(2)], ConsistentRead: true } },
    });
    const request = { T: { Keys: [plain(1), plain(2)], ConsistentRead: true } };
    const result = await client.send(new BatchGetCommand({ RequestItems: request }));
    expect(asked).toEqual([{ RequestItems: { T: { Keys: [key(1), key(2)], ConsistentRead: true } } }]);
    expect(result.Responses).toEqual({ T: [plain(1)], U: [] });
    expect(result.UnprocessedKeys).toEqual({ T: { Keys: [plain(2)], ConsistentRead: true } });
  });

  test('that say where the next page begins survive both conversions', async () => {
    const { client, asked } = answering({ Items: [key(1)], LastEvaluatedKey: key(1) }, { Items: [key(2)] });
    const pages: unknown[] = [];
    for await (const { Items } of paginateQuery({ client }, { TableName: 'T' })) pages.push(Items);
    expect(pages).toEqual([[plain(1)], [plain(2)]]);
    expect(asked).toMatchObject([{}, { ExclusiveStartKey: key(1) }]);
  });
});

test('each call has its own input, though the chain is made once', async () => {
  const { client, asked } = answering({ Items: [] }, { Items: [key(7)] });
  const query = (chat: string) =>
    client.send(new QueryCommand({ TableName: 'T', ExpressionAttributeValues: { ':chat': chat } }));
  const [first, second] = await Promise.all([query('a'), query('b')]);
  expect(asked).toEqual([
    { TableName: 'T', ExpressionAttributeValues: { ':chat': { S: 'a' } } },
    { TableName: 'T', ExpressionAttributeValues: { ':chat': { S: 'b' } } },
  ]);
  expect([first.Items, second.Items]).toEqual([[], [plain(7)]]);
  expect(first).not.toHaveProperty('Attributes');
});

test('consumed capacity is requested and reported, also when a condition fails', async () => {
  const { client: bare, asked } = stubbed([
    { ConsumedCapacity: { CapacityUnits: 2 } },
    { Responses: {}, ConsumedCapacity: [{ CapacityUnits: 1.5 }, { CapacityUnits: 3 }] },
    conditionFailed(),
  ]);
  const consumed: Capacity[] = [];
  const client = documents(bare, (capacity) => void consumed.push(capacity));
  const put = () => client.send(new PutCommand({ TableName: 'T', Item: { id: 'x' } }));
  await put();
  await client.send(
    new BatchGetCommand({ RequestItems: { T: { Keys: [{ id: 'x' }] }, U: { Keys: [{ id: 'y' }] } } }),
  );
  await expect(put()).rejects.toThrow();
  expect(asked.map((input) => (input as { ReturnConsumedCapacity?: string }).ReturnConsumedCapacity)).toEqual(
    ['TOTAL', 'TOTAL', 'TOTAL'],
  );
  expect(consumed).toEqual([
    { read: 0, write: 2 },
    { read: 4.5, write: 0 },
    { read: 0, write: 1 },
  ]);
});
