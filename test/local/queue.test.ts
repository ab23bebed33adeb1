import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { Permissions } from '../../local/iam.ts';
import { feed } from '../../local/queues/feed.ts';
import { Queue } from '../../local/queues/queue.ts';

const model = { id: 'Work', arn: 'arn:aws:sqs:r:a:Work', visibility: 30_000 };
const failedModel = { id: 'Failed', arn: 'arn:aws:sqs:r:a:Failed', visibility: 30_000 };
const bodies = (queue: Queue, most = 10) => queue.receive(most).map(({ body }) => body);

afterEach(() => void vi.useRealTimers());

function queues(folder?: string) {
  const failed = new Queue(failedModel, folder, () => undefined);
  const queue = new Queue({ ...model, failed: { arn: failedModel.arn, after: 2 } }, folder, () => failed);
  onTestFinished(() => queue.close());
  return { queue, failed };
}

test('a message is received once, and again after its visibility timeout, until it is deleted', () => {
  vi.useFakeTimers({ now: 1_000 });
  const { queue } = queues();
  queue.send('one');
  queue.send('two');
  expect(bodies(queue, 1)).toEqual(['one']);
  expect(bodies(queue)).toEqual(['two']);
  vi.setSystemTime(31_000);
  const [one, two] = queue.receive(10);
  expect([one?.body, one?.receives, one?.first, two?.body]).toEqual(['one', 2, 1_000, 'two']);
  queue.delete(one?.id ?? '');
  expect(queue.size).toBe(1);
});

test('a delayed message comes after its delay', () => {
  vi.useFakeTimers({ now: 1_000 });
  const { queue } = queues();
  const told = vi.fn();
  queue.onMessage = told;
  queue.send('later', 5_000);
  expect(bodies(queue)).toEqual([]);
  vi.advanceTimersByTime(4_999);
  expect(told).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(told).toHaveBeenCalledOnce();
  expect(bodies(queue)).toEqual(['later']);
});

test('a message that was received too often goes to the dead-letter queue', () => {
  vi.useFakeTimers({ now: 1_000 });
  const { queue, failed } = queues();
  queue.send('poison');
  for (const now of [1_000, 40_000]) {
    vi.setSystemTime(now);
    expect(bodies(queue)).toEqual(['poison']);
  }
  vi.setSystemTime(80_000);
  expect(bodies(queue)).toEqual([]);
  expect([queue.size, bodies(failed)]).toEqual([0, ['poison']]);
});

test('in a folder, messages outlive the process, and those in work come again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { queue } = queues(folder);
  for (const body of ['one', 'two', 'three']) queue.send(body);
  const [one] = queue.receive(2);
  queue.delete(one?.id ?? '');
  const { queue: next } = queues(folder);
  expect(next.receive(10).map(({ body, receives }) => [body, receives])).toEqual([
    ['two', 2],
    ['three', 1],
  ]);
});

test('a message that cannot be read is reported, and can be left out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { queue } = queues(folder);
  for (const body of ['one', 'two']) queue.send(body);
  const [name = ''] = readdirSync(join(folder, model.id)).sort();
  const path = join(folder, model.id, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"one"', '"One"'));
  expect(() => queues(folder)).toThrow(`${path} is not a valid queue message`);
  const accepting = new Queue(model, folder, () => undefined, true);
  expect(bodies(accepting)).toEqual(['two']);
  accepting.close();
  expect(queues(folder).queue.size).toBe(1);
});

const mapping = { queueArn: model.arn, functionId: 'F', batch: 1, concurrency: 2, partial: false };
const identity = (...actions: string[]) => ({
  name: 'F',
  arn: 'arn:f',
  statements: [{ effect: 'Allow' as const, actions, resources: [model.arn] }],
});
const MAY = ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'];

test('a function gets a batch, of which messages that it handles go, and those that it fails on stay', async () => {
  const { queue } = queues();
  for (const body of ['one', 'bad', 'two']) queue.send(body);
  let running = 0;
  let most = 0;
  const invoke = vi.fn(async (event: unknown) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    const [record] = (event as { Records: { body: string; eventSource: string }[] }).Records;
    expect(record?.eventSource).toBe('aws:sqs');
    if (record?.body === 'bad') throw new Error('no');
  });
  feed({
    model: mapping,
    queue,
    identity: identity(...MAY),
    permissions: new Permissions(),
    invoke,
    complain: expect.fail,
  });
  await vi.waitFor(() => expect(queue.size).toBe(1), 60_000);
  expect(most).toBe(2);
  queue.send('three');
  await vi.waitFor(() => expect(invoke).toHaveBeenCalledTimes(4), 60_000);
  await vi.waitFor(() => expect(queue.size).toBe(1), 60_000);
});

test.each([true, false])(
  'of a batch, messages that the function reports as failed stay: partial %s',
  async (partial) => {
    const { queue } = queues();
    for (const body of ['one', 'two', 'three']) queue.send(body);
    const batches: unknown[] = [];
    const invoke = async (event: unknown) => {
      const { Records } = event as { Records: { body: string; messageId: string; attributes: object }[] };
      batches.push(Records.map(({ body, attributes }) => [body, attributes]));
      return { batchItemFailures: Records.slice(1).map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };
    const complain = expect.fail;
    const fed = { ...mapping, batch: 2, most: 1, partial };
    feed({ model: fed, queue, identity: identity(...MAY), permissions: new Permissions(), invoke, complain });
    await vi.waitFor(() => expect(queue.size).toBe(partial ? 1 : 0), 60_000);
    const received = expect.objectContaining({ ApproximateReceiveCount: '1' });
    expect(batches).toEqual([
      [
        ['one', received],
        ['two', received],
      ],
      [['three', received]],
    ]);
  },
);

test('messages that a folder holds from the last process come at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { queue: last } = queues(folder);
  last.send('one');
  last.close();
  const { queue } = queues(folder);
  const invoke = vi.fn(async () => {});
  const complain = expect.fail;
  feed({
    model: mapping,
    queue,
    identity: identity(...MAY),
    permissions: new Permissions(),
    invoke,
    complain,
  });
  expect(invoke).toHaveBeenCalledOnce();
  await vi.waitFor(() => expect(queue.size).toBe(0), 60_000);
});

test('without the right to receive, a function gets nothing, and the reason is reported', async () => {
  const { queue } = queues();
  queue.send('one');
  const [complain, invoke, permissions] = [vi.fn(), vi.fn(), new Permissions()];
  feed({ model: mapping, queue, identity: identity(...MAY.slice(1)), permissions, invoke, complain });
  expect(complain).toHaveBeenCalledWith(
    'F receives no events from its queue: it lacks sqs:GetQueueAttributes',
  );
  expect(invoke).not.toHaveBeenCalled();
  expect(permissions.denied).toHaveLength(1);
});
