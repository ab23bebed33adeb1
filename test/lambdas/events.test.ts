import type { DynamoDBRecord } from 'aws-lambda';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Entry, PutEvents } from '../../lambdas/aws/event-bus.ts';
import { onRecords } from '../../lambdas/events.ts';
import { contextOf } from '../support/event.ts';

const eventBus = vi.fn<PutEvents>();
beforeEach(() => void eventBus.mockReset().mockResolvedValue(undefined));

const put = (): Entry[] => eventBus.mock.calls.flatMap(([entries]) => entries);
const details = () => put().map(({ detail }) => JSON.parse(detail));

const message = (seq: number, more: object = {}): DynamoDBRecord => {
  const Keys = { chat_id: { S: 'ann:bob' }, seq: { N: String(seq) } };
  const item = { id: { S: `m${seq}` }, sender: { S: 'ann' }, content: { S: 'hi' }, at: { N: '1' } };
  return {
    eventID: `e${seq}`,
    eventName: 'INSERT',
    dynamodb: { SequenceNumber: `n${seq}`, Keys, NewImage: { ...Keys, ...item, ...more } },
  };
};

const run = (Records: DynamoDBRecord[], eventContent = true) =>
  onRecords({ eventBus, eventContent })({ Records }, contextOf());

const failedAt = (itemIdentifier: string) => ({ batchItemFailures: [{ itemIdentifier }] });

test('each message has its event, in order, ten in a request', async () => {
  expect(await run(Array.from({ length: 23 }, (_, n) => message(n + 1)))).toEqual({ batchItemFailures: [] });
  expect(eventBus.mock.calls.map(([entries]) => entries.length)).toEqual([10, 10, 3]);
  expect(details().map(({ seq }) => seq)).toEqual(Array.from({ length: 23 }, (_, n) => n + 1));
  expect(put()[0]).toMatchObject({ type: 'message.created' });
  expect(details()[0]).toEqual({
    type: 'message.created',
    id: 'message.created ann:bob 1',
    chat_id: 'ann:bob',
    seq: 1,
    sender: 'ann',
    message_id: 'm1',
    content: 'hi',
    timestamp: '1970-01-01T00:00:00.001Z',
  });
});

test('a message of the system says so, and one of a user of that name does not', async () => {
  await run([message(1, { sender: { S: '' } }), message(2, { sender: { S: 'system' } })]);
  expect(details()).toMatchObject([
    { sender: 'system', system: true },
    { sender: 'system', seq: 2 },
  ]);
  expect(details()[1]).not.toHaveProperty('system');
});

test('a request has less than 256 KB', async () => {
  // Each character takes six bytes as JSON.
  const content = { S: '\u0001'.repeat(16 * 1024) };
  await run([1, 2, 3, 4, 5].map((seq) => message(seq, { content })));
  expect(eventBus.mock.calls.map(([entries]) => entries.length)).toEqual([2, 2, 1]);
});

test('without content, no event has a text, and nothing else is missing', async () => {
  await run([message(1)], false);
  expect(details()).toEqual([
    expect.objectContaining({ type: 'message.created', seq: 1, sender: 'ann', message_id: 'm1' }),
  ]);
  expect(put()[0]?.detail).not.toContain('hi');
});

test('the first record whose event is refused is reported; those after it are not put', async () => {
  eventBus.mockResolvedValueOnce(undefined).mockResolvedValueOnce(3);
  expect(await run(Array.from({ length: 25 }, (_, n) => message(n + 1)))).toEqual(failedAt('n14'));
  expect(eventBus).toHaveBeenCalledTimes(2);
});

test('if a request fails, its first record is reported', async () => {
  eventBus.mockResolvedValueOnce(undefined).mockRejectedValueOnce(new Error('down'));
  expect(await run(Array.from({ length: 12 }, (_, n) => message(n + 1)))).toEqual(failedAt('n11'));
});

test('a record that is unreadable is reported, after those before it were put', async () => {
  expect(await run([message(1), message(2, { at: { S: 'x' } }), message(3)])).toEqual(failedAt('n2'));
  expect(details().map(({ seq }) => seq)).toEqual([1]);
});

test('a batch whose first record fails is an error, so that Lambda halves it; that record alone is reported', async () => {
  const poison = message(1, { at: { S: 'x' } });
  await expect(run([poison, message(2)])).rejects.toThrow("The record n1 can't be told of");
  expect(await run([poison])).toEqual(failedAt('n1'));
});

test('what the time to live deletes, and rows of private chats, have no event', async () => {
  const { NewImage, ...rest } = message(1).dynamodb ?? {};
  const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  const Keys = { chat_id: { S: 'ann:bob' }, username: { S: 'ann' } };
  const peer = {
    eventName: 'INSERT' as const,
    dynamodb: { Keys, NewImage: { ...Keys, role: { S: 'peer' } } },
  };
  const gone = { eventName: 'REMOVE' as const, userIdentity, dynamodb: { ...rest, OldImage: NewImage } };
  const expires = message(1, { expires: { N: '9' } });
  const marked = {
    ...expires,
    eventName: 'MODIFY' as const,
    dynamodb: { ...expires.dynamodb, OldImage: NewImage },
  };
  expect(await run([gone, peer, marked] as DynamoDBRecord[])).toEqual({ batchItemFailures: [] });
  expect(eventBus).not.toHaveBeenCalled();
});

test('a deletion has one id, whether its entry or the text tells it', async () => {
  const deletion = message(5, { deletes: { N: '1' } });
  const old = message(1);
  const changed = { M: { kind: { S: 'deleted' }, at: { N: '1' } } };
  const erased = {
    ...old,
    eventName: 'MODIFY' as const,
    dynamodb: { ...message(1, { changed, content: { S: '' } }).dynamodb, OldImage: old.dynamodb?.NewImage },
  };
  await run([deletion, erased as DynamoDBRecord]);
  const [one, other] = details();
  expect(one).toEqual(other);
  expect(one).toMatchObject({ type: 'message.deleted', id: 'message.deleted ann:bob 1 1', seq: 1 });
});

describe('who is away', () => {
  const at = 1_767_323_045;
  const inbox = (
    pending: Record<string, number>,
    connections: readonly string[] = [],
    ended?: number,
    lastSeen?: number,
  ) => ({
    username: { S: 'bob' },
    connections: { M: Object.fromEntries(connections.map((id) => [id, { M: { form: { S: 'json' } } }])) },
    pending: {
      M: Object.fromEntries(Object.entries(pending).map(([chat, seq]) => [chat, { N: String(seq) }])),
    },
    ...(ended !== undefined && { ended: { N: String(ended) } }),
    ...(lastSeen !== undefined && { last_seen: { N: String(lastSeen) } }),
  });
  type Image = ReturnType<typeof inbox>;
  const change = (before: Image | undefined, now: Image): DynamoDBRecord => ({
    eventID: 'e',
    eventName: before ? 'MODIFY' : 'INSERT',
    dynamodb: {
      ...{ SequenceNumber: 'n', Keys: { username: { S: 'bob' } }, ApproximateCreationDateTime: at },
      NewImage: now as NonNullable<DynamoDBRecord['dynamodb']>['NewImage'],
      ...(before && { OldImage: before as NonNullable<DynamoDBRecord['dynamodb']>['OldImage'] }),
    },
  });
  const told = async (...records: DynamoDBRecord[]) => {
    await run(records);
    return details().map(({ chat_id, seq, id }) => [chat_id, seq, id.split(' ').at(-2)]);
  };

  test('has an event for a chat that comes to wait, without anything that it says', async () => {
    await run([change(inbox({ '#old': 1 }, [], 5), inbox({ '#old': 1, 'ann:bob': 7 }, [], 5))]);
    expect(details()).toEqual([
      {
        type: 'recipient.away',
        id: 'recipient.away bob ann:bob 7 5 0',
        username: 'bob',
        chat_id: 'ann:bob',
        seq: 7,
        timestamp: '2026-01-02T03:04:05.000Z',
      },
    ]);
  });

  test('has one if they were never there', async () => {
    expect(await told(change(undefined, inbox({ '#team': 1 })))).toEqual([['#team', 1, '0']]);
  });

  test('has none for more in the same chat, an earlier message that comes late, or another change', async () => {
    const waiting = inbox({ '#team': 7 }, [], 5);
    const same = [inbox({ '#team': 6 }, [], 5), { ...waiting, overflow: { S: 'o' } }, waiting];
    expect(await told(...same.map((now) => change(waiting, now as Image)))).toEqual([]);
  });

  test('has none while a device is connected, whatever becomes of what waits', async () => {
    const waiting = inbox({ '#team': 7 }, [], 5);
    const [came, moved] = [inbox({ '#team': 7 }, ['c1'], 5), inbox({ '#team': 9, '#over': 2 }, ['c1'], 5)];
    const taken = inbox({}, ['c1', 'c2'], 5);
    const records = [change(waiting, came), change(came, moved), change(moved, taken)];
    expect(await told(...records, change(taken, inbox({}, ['c1'], 8)))).toEqual([]);
    expect(
      await told(change(inbox({ '#team': 7 }, ['c1', 'c2'], 5), inbox({ '#team': 7 }, ['c1'], 8))),
    ).toEqual([]);
  });

  test('has a new one for what they leave behind, and none if they have taken all', async () => {
    const left = change(inbox({ '#team': 7 }, ['c1'], 5), inbox({ '#team': 7 }, [], 9));
    expect(await told(left, change(inbox({}, ['c1'], 5), inbox({}, [], 9)))).toEqual([['#team', 7, '9']]);
  });

  test('has a new one, too, where version 0.2.0 took out the last connection, which counts none', async () => {
    const left = (lastSeen: number) =>
      change(inbox({ '#team': 7 }, ['c1'], 5), inbox({ '#team': 7 }, [], 5, lastSeen));
    await run([left(8), left(9)]);
    expect(details().map(({ id }) => id)).toEqual([
      'recipient.away bob #team 7 5 8',
      'recipient.away bob #team 7 5 9',
    ]);
  });

  test('has one event for all pointers of a chat in the overflow, as of when that began', async () => {
    const pointer = (overflow: string, seq: string): DynamoDBRecord => ({
      eventID: `e${seq}`,
      eventName: 'INSERT',
      dynamodb: {
        ...{ SequenceNumber: seq, ApproximateCreationDateTime: at + Number(seq) },
        Keys: {
          username: { S: 'bob' },
          pointer: { S: `${overflow} ann:bob ${seq.padStart(16, '0')} p${seq}` },
        },
      },
    });
    await run([pointer('1767323000000.o1', '7'), pointer('1767323000000.o1', '8')]);
    const [one, other] = details();
    expect(one).toEqual(other);
    expect(one).toEqual({
      type: 'recipient.away',
      id: 'recipient.away bob ann:bob 1767323000000.o1',
      username: 'bob',
      chat_id: 'ann:bob',
      timestamp: '2026-01-02T03:03:20.000Z',
    });
    // Of version 0.2.0, whose ids have no time: an event for each.
    await run([pointer('o1', '9'), pointer('o1', '10')]);
    expect(details().slice(2)).toMatchObject([
      { id: 'recipient.away bob ann:bob e9', timestamp: '2026-01-02T03:04:14.000Z' },
      { id: 'recipient.away bob ann:bob e10', timestamp: '2026-01-02T03:04:15.000Z' },
    ]);
  });

  test('and the records of Credentials, which have the same key, are of new users', async () => {
    const { NewImage: _, ...keys } = change(undefined, inbox({})).dynamodb ?? {};
    await run([{ eventID: 'e', eventName: 'INSERT', dynamodb: keys }]);
    expect(details()).toMatchObject([{ type: 'user.created', username: 'bob' }]);
  });
});
