import { cpSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Dynamo } from '../../local/engine/dynamo.ts';
import { openStore } from '../../local/engine/store.ts';
import { SHARDS, type StreamRecord } from '../../local/engine/streams.ts';
import { sweepEvery } from '../../local/engine/ttl.ts';
import { tempFolder } from './stack.ts';

const arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';
const table = (view = 'NEW_AND_OLD_IMAGES', name = 'Things') => ({
  name,
  arn,
  create: {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['id', 'at', 'kind'].map((each) => ({ AttributeName: each, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'id', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-kind',
        KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
  ttl: 'expires',
  stream: { view, arn: `${arn}/stream/local` },
});

/** A store with a table that has a stream. */
async function streaming(folder?: string, of = table(), recorded: (table: string) => void = () => {}) {
  const store = openStore(folder, { tables: [of], recorded });
  await store.ready();
  const dynamo = new Dynamo(store);
  await dynamo.createTable(of.create);
  return {
    store,
    dynamo,
    streams: store.streams,
    put: (id: string, more: object = {}, at = '1') =>
      dynamo.call('PutItem', { TableName: 'Things', Item: { id: { S: id }, at: { S: at }, ...more } }),
    remove: (id: string) =>
      dynamo.call('DeleteItem', { TableName: 'Things', Key: { id: { S: id }, at: { S: '1' } } }),
    async records(after = ''): Promise<StreamRecord[]> {
      const shards = Array.from({ length: SHARDS }, (_, shard) =>
        store.streams.read('Things', shard, after, 1_000),
      );
      const all = (await Promise.all(shards)).flat();
      return all.sort((one, other) => (one.dynamodb.SequenceNumber < other.dynamodb.SequenceNumber ? -1 : 1));
    },
  };
}

const Keys = { id: { S: 'a' }, at: { S: '1' } };

test('each change has a record with key and images, and a write that changes nothing has none', async () => {
  const { put, remove, records, dynamo } = await streaming();
  await put('a', { n: { N: '1' } });
  await put('a', { n: { N: '1' } });
  await dynamo.call('UpdateItem', {
    TableName: 'Things',
    Key: Keys,
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  const fails = { ConditionExpression: 'attribute_not_exists(id)' };
  await dynamo.call('PutItem', { TableName: 'Things', Item: Keys, ...fails });
  await remove('a');
  await remove('a');
  const [one, two] = [1, 2].map((n) => ({ ...Keys, n: { N: String(n) } }));
  const all = await records();
  expect(
    all.map(({ eventName, dynamodb: { Keys: keys, OldImage, NewImage } }) => [
      eventName,
      keys,
      OldImage,
      NewImage,
    ]),
  ).toEqual([
    ['INSERT', Keys, undefined, one],
    ['MODIFY', Keys, one, two],
    ['REMOVE', Keys, two, undefined],
  ]);
  const [first] = all;
  expect(first).toMatchObject({
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    eventSourceARN: `${arn}/stream/local`,
    dynamodb: { StreamViewType: 'NEW_AND_OLD_IMAGES', SizeBytes: 6 + 9 },
  });
  expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(3);
  expect(all.every(({ userIdentity }) => userIdentity === undefined)).toBe(true);
  const numbers = all.map(({ dynamodb }) => BigInt(dynamodb.SequenceNumber));
  expect(numbers).toEqual([...numbers].sort((x, y) => (x < y ? -1 : 1)));
});

test.each([
  ['KEYS_ONLY', false, false],
  ['NEW_IMAGE', false, true],
  ['OLD_IMAGE', true, false],
  ['NEW_AND_OLD_IMAGES', true, true],
])('%s: records have the old image %s, the new image %s', async (view, hasOld, hasNew) => {
  const { put, records } = await streaming(undefined, table(view));
  await put('a', { n: { N: '1' } });
  await put('a', { n: { N: '2' } });
  const change = (await records()).at(-1)?.dynamodb;
  expect([change?.OldImage !== undefined, change?.NewImage !== undefined]).toEqual([hasOld, hasNew]);
});

test('a batch write has a record for each of its items', async () => {
  const { records, dynamo } = await streaming();
  const item = (id: string) => ({ PutRequest: { Item: { id: { S: id }, at: { S: '1' } } } });
  await dynamo.call('BatchWriteItem', { RequestItems: { Things: ['a', 'b', 'c'].map(item) } });
  expect((await records()).map(({ dynamodb }) => dynamodb.Keys.id?.S).sort()).toEqual(['a', 'b', 'c']);
});

test('an expired item is deleted by DynamoDB itself, which its record says', async () => {
  const { put, records, dynamo, remove } = await streaming();
  await put('a', { expires: { N: '1' } });
  await put('b');
  const stop = sweepEvery(1, dynamo, [table()]);
  await expect.poll(records).toHaveLength(3);
  stop();
  await remove('b');
  const removals = (await records()).filter(({ eventName }) => eventName === 'REMOVE');
  expect(removals.map(({ userIdentity }) => userIdentity)).toEqual([
    { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
    undefined,
  ]);
});

test('the items of a partition are in one shard, and many writes at once are read without gaps', async () => {
  const recorded = vi.fn();
  const { put, streams, records } = await streaming(undefined, table(), recorded);
  const seen = new Map<number, string[]>();
  const after = new Map<number, string>();
  const readOn = async () => {
    for (let shard = 0; shard < SHARDS; shard++)
      for (const { dynamodb } of await streams.read('Things', shard, after.get(shard) ?? '', 7)) {
        after.set(shard, dynamodb.SequenceNumber);
        seen.set(shard, [...(seen.get(shard) ?? []), `${dynamodb.Keys.id?.S} ${dynamodb.Keys.at?.S}`]);
      }
  };
  const wanted = Array.from({ length: 300 }, (_, n) => [`chat${n % 20}`, String(n)] as const);
  const writing = Promise.all(wanted.map(([id, at]) => put(id, {}, at)));
  let isDone = false;
  void writing.then(() => {
    isDone = true;
  });
  // Reads in the middle of the writes, too.
  while (!isDone) {
    await readOn();
    await new Promise(setImmediate);
  }
  for (let count = -1; count !== [...seen.values()].flat().length; ) {
    count = [...seen.values()].flat().length;
    await readOn();
  }
  expect([...seen.values()].flat().sort()).toEqual(wanted.map((each) => each.join(' ')).sort());
  expect(await records()).toHaveLength(300);
  const shardsOf = (id: string) =>
    [...seen].filter(([, all]) => all.some((each) => each.startsWith(`${id} `))).length;
  expect(wanted.every(([id]) => shardsOf(id) === 1)).toBe(true);
  expect(recorded).toHaveBeenCalledWith('Things');
});

test('a record is as durable as its change, wherever the process ends', async () => {
  const folder = tempFolder();
  const { put, remove, store } = await streaming(folder);
  for (let n = 0; n < 12; n++) await put(`user${n}`, { kind: { S: 'x'.repeat(n * 10) } });
  await remove('user3');
  await put('user4', { kind: { S: 'y' } });
  await store.close();
  const log = readdirSync(folder).find((name) => name.endsWith('.log')) ?? '';
  const { size } = statSync(join(folder, log));
  const histories = new Set<string>();
  // Where the log's last write is not whole, LevelDB leaves it out.
  for (let end = size; end > size / 3; end -= 97) {
    const copy = tempFolder();
    cpSync(folder, copy, { recursive: true });
    truncateSync(join(copy, log), end);
    const cut = await streaming(copy);
    const { body } = await cut.dynamo.call('Scan', { TableName: 'Things' });
    const items = new Map((body.Items as { id: { S: string } }[]).map((item) => [item.id.S, item] as const));
    const replayed = new Map<string, unknown>();
    for (const { dynamodb } of await cut.records()) {
      const id = String(dynamodb.Keys.id?.S);
      if (dynamodb.NewImage) replayed.set(id, dynamodb.NewImage);
      else replayed.delete(id);
    }
    expect(replayed).toEqual(items);
    histories.add(JSON.stringify([...items.keys()]));
    await cut.store.close();
  }
  expect(histories.size).toBeGreaterThan(5);
});

test('positions outlive the process, and new records come after them', async () => {
  const folder = tempFolder();
  const first = await streaming(folder);
  await first.put('a');
  const shardWith = async () => {
    for (let shard = 0; shard < SHARDS; shard++)
      if ((await first.streams.read('Things', shard, '', 1)).length > 0) return shard;
    return -1;
  };
  const shard = await shardWith();
  const start = await first.streams.position('Mapping', 'Things', shard, 'TRIM_HORIZON');
  const [record] = await first.streams.read('Things', shard, start, 10);
  await first.streams.move('Mapping', shard, record?.dynamodb.SequenceNumber ?? '');
  expect(await first.streams.position('Later', 'Things', shard, 'LATEST')).toBe(
    record?.dynamodb.SequenceNumber,
  );
  await first.store.close();
  const next = await streaming(folder);
  const position = await next.streams.position('Mapping', 'Things', shard, 'TRIM_HORIZON');
  expect(await next.streams.read('Things', shard, position, 10)).toEqual([]);
  await next.put('a', { n: { N: '1' } });
  expect(await next.streams.read('Things', shard, position, 10)).toMatchObject([{ eventName: 'MODIFY' }]);
  await next.store.close();
});

test('records of more than a day ago are deleted, but the numbering goes on', async () => {
  const { put, records, streams } = await streaming();
  for (const id of ['a', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9']) await put(id);
  const before = (await records()).at(-1)?.dynamodb.SequenceNumber ?? '';
  await streams.trim(Date.now());
  expect(await records()).toHaveLength(9);
  await streams.trim(Date.now() + 25 * 60 * 60_000);
  const left = await records();
  expect(left.length).toBeLessThanOrEqual(SHARDS);
  expect(left.at(-1)?.dynamodb.SequenceNumber).toBe(before);
  await put('b');
  expect((await records(before)).map(({ dynamodb }) => dynamodb.Keys.id?.S)).toEqual(['b']);
});
