import { expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../../local/engine/store.ts';
import type { StreamRecord, Streams } from '../../local/engine/streams.ts';
import type { Position, Reading } from '../../local/engine/worker.ts';
import { Faults } from '../../local/faults/faults.ts';
import type { FaultPlan } from '../../local/faults/plan.ts';
import { Permissions } from '../../local/iam.ts';
import { follow } from '../../local/streams/follow.ts';
import type { Pattern, StreamFeedModel } from '../../local/template/model.ts';

const tableArn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';
const streamArn = `${tableArn}/stream/local`;
const failedArn = 'arn:aws:sqs:us-east-1:000000000000:Failed';
const model: StreamFeedModel = {
  id: 'Mapping',
  streamArn,
  functionId: 'F',
  start: 'TRIM_HORIZON',
  batch: 100,
  window: 0,
  bisect: false,
  retries: 1,
  partial: false,
  filters: [],
  failedArn,
};
const create = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['id', 'at'].map((each) => ({ AttributeName: each, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'at', KeyType: 'RANGE' },
  ],
};
const table = { name: 'Things', arn: tableArn, create, stream: { view: 'NEW_IMAGE', arn: streamArn } };
const MAY = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
  (each) => `dynamodb:${each}`,
);

/** A table with a stream, whose items share a partition, so that their records are in one shard. */
async function aTable() {
  let listener = () => {};
  const store = openStore(undefined, { tables: [table], recorded: () => listener() });
  await store.ready();
  await store.call('CreateTable', { ...create });
  const active = async () => (await store.call('DescribeTable', { TableName: 'Things' })).body;
  await expect.poll(active).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  const { streams } = store;
  return {
    streams,
    onRecord: (_: string, told: () => void) => {
      listener = told;
    },
    put: async (...names: string[]) => {
      for (const at of names)
        await store.call('PutItem', { TableName: 'Things', Item: { id: { S: 'x' }, at: { S: at } } });
    },
  };
}

const engineOf = (streams: Streams, onRecord: (table: string, told: () => void) => void) => ({
  records: ({ table: of, shard, after, limit }: Reading) => streams.read(of, shard, after, limit),
  position: ({ mapping, table: of, shard }: Position, start: 'LATEST' | 'TRIM_HORIZON') =>
    streams.position(mapping, of, shard, start),
  move: ({ mapping, shard }: Position, to: string) => streams.move(mapping, shard, to),
  onRecord,
});

const namesOf = (event: unknown): string[] =>
  (event as { Records: StreamRecord[] }).Records.map(({ dynamodb }) => String(dynamodb.Keys.at?.S));

type Table = Awaited<ReturnType<typeof aTable>>;

/** Follows the table's stream; what the function got, batch by batch, and what was discarded. */
async function following(
  { streams, onRecord }: Table,
  more: Partial<StreamFeedModel> = {},
  handler: (names: string[], event: { Records: StreamRecord[] }) => unknown = () => {},
  plan?: FaultPlan['events'],
) {
  const batches: string[][] = [];
  const discarded: { DDBStreamBatchInfo: Record<string, unknown>; requestContext: object }[] = [];
  const faults = new Faults('gateway');
  if (plan) faults.follow({ seed: 1, events: plan });
  const { stop } = await follow({
    model: { ...model, ...more },
    table: 'Things',
    engine: engineOf(streams, onRecord),
    identity: { name: 'F', arn: 'arn:f', statements: [may(MAY, '*'), may(['sqs:SendMessage'], failedArn)] },
    permissions: new Permissions(),
    faults,
    invoke: async (event) => {
      const names = namesOf(event);
      batches.push(names);
      return handler(names, event as { Records: StreamRecord[] });
    },
    discard: (body) => discarded.push(JSON.parse(body)),
    complain: expect.fail,
  });
  onTestFinished(stop);
  return { batches, discarded, stop, got: () => batches.flat() };
}

const may = (actions: string[], resource: string) => ({
  effect: 'Allow' as const,
  actions,
  resources: [resource],
});

const failsOn = (poison: string) => (names: string[]) => {
  if (names.includes(poison)) throw new Error('no');
};

test('a function gets what was written, in order, and then each new record', async () => {
  const things = await aTable();
  await things.put('1', '2', '3');
  const { batches, got } = await following(things, { batch: 2 });
  await expect.poll(() => batches).toEqual([['1', '2'], ['3']]);
  await things.put('4');
  await expect.poll(got).toEqual(['1', '2', '3', '4']);
});

test('with LATEST, it gets what is written from its creation on', async () => {
  const things = await aTable();
  await things.put('1');
  const { got } = await following(things, { start: 'LATEST' });
  await things.put('2');
  await expect.poll(got).toEqual(['2']);
});

test('it goes on where the last process ended, after what its function handled', async () => {
  const things = await aTable();
  await things.put('1', '2', '3', '4');
  const first = await following(things, { batch: 2, retries: undefined }, failsOn('3'));
  await expect.poll(() => first.batches.length).toBeGreaterThan(2);
  first.stop();
  const next = await following(things, { batch: 2 });
  await expect.poll(next.got).toEqual(['3', '4']);
});

test('a poison record is isolated by bisecting, retried, and then discarded; nothing else is', async () => {
  const things = await aTable();
  await things.put('1', '2', '3', 'poison', '5', '6', '7');
  const { batches, discarded } = await following(things, { bisect: true, retries: 2 }, failsOn('poison'));
  await expect.poll(() => batches.at(-1)).toEqual(['5', '6', '7']);
  const handled = batches.filter((names) => !names.includes('poison')).flat();
  expect(handled).toEqual(['1', '2', '3', '5', '6', '7']);
  expect(batches.filter((names) => names.join() === 'poison')).toHaveLength(3);
  expect(discarded).toHaveLength(1);
  expect(discarded[0]).toMatchObject({
    requestContext: { functionArn: 'arn:f', condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
    responseContext: { functionError: 'Unhandled' },
    DDBStreamBatchInfo: { batchSize: 1, streamArn },
  });
  const { startSequenceNumber, endSequenceNumber } = discarded[0]?.DDBStreamBatchInfo ?? {};
  expect(startSequenceNumber).toBe(endSequenceNumber);
});

test('without bisecting, the whole batch is retried and discarded', async () => {
  const things = await aTable();
  await things.put('1', 'poison');
  const { batches, discarded } = await following(things, {}, failsOn('poison'));
  await expect.poll(() => discarded).toMatchObject([{ DDBStreamBatchInfo: { batchSize: 2 } }]);
  await things.put('3');
  await expect.poll(() => batches).toEqual([['1', 'poison'], ['1', 'poison'], ['3']]);
});

test('of a batch that failed in part, the rest is retried from the first failure on', async () => {
  const things = await aTable();
  await things.put('1', '2', '3', '4');
  let isBroken = true;
  const { batches, discarded } = await following(
    things,
    { partial: true, bisect: true },
    (_, { Records }) => {
      const failed = Records.filter(({ dynamodb }) => isBroken && Number(dynamodb.Keys.at?.S) > 2);
      isBroken = false;
      // The last first: the lowest counts.
      return {
        batchItemFailures: failed
          .reverse()
          .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
      };
    },
  );
  await expect.poll(() => batches.length).toBe(2);
  expect(batches).toEqual([
    ['1', '2', '3', '4'],
    ['3', '4'],
  ]);
  expect(discarded).toEqual([]);
});

test.each([
  ['no list', undefined, 1],
  ['an empty list', { batchItemFailures: [] }, 1],
  ['null', { batchItemFailures: null }, 1],
  ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }, 2],
  ['another key', { batchItemFailures: [{ id: 'x' }] }, 2],
])('%s is a failure of all, or of nothing', async (_, result, times) => {
  const things = await aTable();
  await things.put('1', '2');
  const { batches } = await following(things, { partial: true }, () => result);
  await expect.poll(() => batches.length).toBe(times);
  await things.put('3');
  await expect.poll(() => batches[times]).toEqual(['3']);
});

test('what the function reports counts only if the mapping says so', async () => {
  const things = await aTable();
  await things.put('1');
  const { batches } = await following(things, {}, () => ({ batchItemFailures: [{ itemIdentifier: '' }] }));
  await expect.poll(() => batches.length).toBe(1);
  await things.put('2');
  await expect.poll(() => batches).toEqual([['1'], ['2']]);
});

test('a batch that is too old is discarded when it fails', async () => {
  const things = await aTable();
  await things.put('1');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  onTestFinished(() => void vi.useRealTimers());
  const { discarded } = await following(things, { age: 60_000, retries: undefined }, failsOn('1'));
  await expect.poll(() => discarded).toMatchObject([{ requestContext: { condition: 'RecordAgeExceeded' } }]);
});

test('records that no filter wants are skipped, for good', async () => {
  const things = await aTable();
  await things.put('1', '22', '3', '24');
  const filters: Pattern[] = [
    { dynamodb: { Keys: { at: { S: [{ prefix: '2' }] } } } },
    { eventName: ['REMOVE'] },
  ];
  const first = await following(things, { filters });
  await expect.poll(first.got).toEqual(['22', '24']);
  await things.put('5');
  await things.put('26');
  await expect.poll(first.got).toEqual(['22', '24', '26']);
});

test('with a window, records are gathered', async () => {
  const things = await aTable();
  await things.put('1');
  const { batches } = await following(things, { window: 500 });
  await things.put('2', '3');
  await expect.poll(() => batches).toEqual([['1', '2', '3']]);
});

test.each([
  ['recordsTwice', { recordsTwice: 1 }],
  ['recordsLate', { recordsLate: 1, eventLateMs: 5 }],
] as const)('%s: everything comes, in order, at least once', async (kind, plan) => {
  const things = await aTable();
  await things.put('1', '2');
  const { batches } = await following(things, { batch: 1 }, undefined, plan);
  const twice = kind === 'recordsTwice' ? [['1'], ['1'], ['2'], ['2']] : [['1'], ['2']];
  await expect.poll(() => batches).toEqual(twice);
});

test('recordsFail: a batch that was handled is split, and comes again', async () => {
  const things = await aTable();
  await things.put('1', '2');
  const { batches, discarded } = await following(things, { bisect: true, retries: 0 }, undefined, {
    recordsFail: 1,
  });
  await expect.poll(() => discarded.length).toBe(2);
  expect(batches).toEqual([['1', '2'], ['1'], ['2']]);
});

test('without the rights, it reads nothing, and the reason is reported', async () => {
  const { streams, onRecord, put } = await aTable();
  await put('1');
  const [complain, invoke] = [vi.fn(), vi.fn()];
  await follow({
    model,
    table: 'Things',
    engine: engineOf(streams, onRecord),
    identity: { name: 'F', arn: 'arn:f', statements: [may(MAY.slice(1), '*')] },
    permissions: new Permissions(),
    faults: new Faults('gateway'),
    invoke,
    discard: () => {},
    complain,
  });
  expect(complain).toHaveBeenCalledWith(
    'F receives no records of Things: it lacks dynamodb:DescribeStream, sqs:SendMessage',
  );
  expect(invoke).not.toHaveBeenCalled();
});
