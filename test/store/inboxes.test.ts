import 'aws-sdk-client-mock-vitest/extend';
import { describe, expect, test } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { type Handed, INBOX_POINTERS } from '../../chat/model.ts';
import { BatchGetCommand, PutCommand, UpdateCommand } from '../../store/documents.ts';
import { inboxesIn } from '../../store/inboxes.ts';
import { conditionFailed, serverError } from './aws-errors.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();
const inboxes = inboxesIn(table);

const device = { form: 'json', since: 5, login: 'l1' } as const;
const nobody = { connections: {}, pending: {} };
const online = { connections: { c1: device }, pending: { '#team': 3 } };
const item = { username: 'ann', ...online };
const inbox = { connections: new Map([['c1', device]]), pending: new Map([['#team', 3]]), epoch: 0 };
const empty = { connections: new Map(), pending: new Map(), epoch: 0 };

const update = (change: object) => [
  'Update',
  {
    TableName: 'T',
    Key: { username: 'ann' },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...change,
  },
];
const updates = () =>
  mock.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => input.UpdateExpression as string);
const create = (fresh: object) => [
  'Put',
  {
    TableName: 'T',
    Item: { username: 'ann', ...fresh },
    ConditionExpression: 'attribute_not_exists(username)',
  },
];

test('many inboxes are read at once, with strong consistency, and a missing one is empty', async () => {
  mock.on(BatchGetCommand).resolves({ Responses: { T: [item] } });
  const found = await inboxes.getMany(['bob', 'ann']);
  expect([...found]).toEqual([
    ['bob', { ...empty, missing: true }],
    ['ann', inbox],
  ]);
  const keys = [{ username: 'bob' }, { username: 'ann' }];
  expect(requests()).toEqual([['BatchGet', { RequestItems: { T: { Keys: keys, ConsistentRead: true } } }]]);
});

describe('connecting', () => {
  const connect = update({
    UpdateExpression: 'SET connections.#connection = :device',
    ConditionExpression:
      'attribute_exists(username) AND (attribute_not_exists(epoch) OR epoch <= :epoch) AND ' +
      '(size(connections) < :most OR attribute_exists(connections.#connection))',
    ExpressionAttributeNames: { '#connection': 'c1' },
    ExpressionAttributeValues: { ':device': device, ':epoch': Number.MAX_SAFE_INTEGER, ':most': 10 },
  });
  const fresh = create({ connections: { c1: device }, pending: {} });

  test('is one write, which answers with all that is pending', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: item });
    await expect(inboxes.connect('ann', 'c1', device, undefined, 10)).resolves.toEqual(inbox);
    expect(requests()).toEqual([connect]);
  });

  test('for the first time makes the inbox', async () => {
    mock.on(UpdateCommand).rejects(conditionFailed()).on(PutCommand).resolves({});
    const made = { connections: new Map([['c1', device]]), pending: new Map(), epoch: 0 };
    await expect(inboxes.connect('ann', 'c1', device, undefined, 10)).resolves.toEqual(made);
    expect(requests()).toEqual([connect, fresh]);
  });

  test('for the first time while somebody else makes the inbox keeps what they wrote', async () => {
    mock.on(UpdateCommand).rejectsOnce(conditionFailed()).resolvesOnce({ Attributes: item });
    mock.on(PutCommand).rejects(conditionFailed());
    await expect(inboxes.connect('ann', 'c1', device, undefined, 10)).resolves.toEqual(inbox);
    expect(requests()).toEqual([connect, fresh, connect]);
  });
});

describe('disconnecting', () => {
  test('takes the one connection out, and answers with the others', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: { ...item, last_seen: 8 } });
    await expect(inboxes.disconnect('ann', 'c2', 8)).resolves.toEqual({ ...inbox, lastSeen: 8 });
    expect(requests()).toEqual([
      update({
        UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
        ConditionExpression: 'attribute_exists(username) AND attribute_exists(connections.#connection)',
        ExpressionAttributeNames: { '#connection': 'c2' },
        ExpressionAttributeValues: { ':seen': 8, ':one': 1 },
      }),
    ]);
  });

  test('creates no inbox', async () => {
    mock.on(UpdateCommand).rejects(conditionFailed());
    await expect(inboxes.disconnect('ann', 'c2', 8)).resolves.toEqual({ ...empty, missing: true });
    expect(requests()).toHaveLength(1);
  });
});

describe('marking pending', () => {
  const owe = update({
    UpdateExpression: 'SET pending.#chat = :seq, has_pending = :true',
    ConditionExpression:
      'attribute_exists(username) AND size(connections) = :none AND ' +
      '(attribute_not_exists(pending.#chat) AND size(pending) < :room OR pending.#chat > :seq)',
    ExpressionAttributeNames: { '#chat': '#team' },
    ExpressionAttributeValues: { ':seq': 7, ':none': 0, ':room': INBOX_POINTERS, ':true': true },
  });

  test('is one write, on condition that nobody is connected and no earlier message is pending', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: { username: 'ann', ...nobody, pending: { '#team': 7 } } });
    await expect(inboxes.markPending('ann', '#team', 7)).resolves.toBeUndefined();
    expect(requests()).toEqual([owe]);
  });

  test('is refused while somebody is connected, and returns the inbox unchanged', async () => {
    mock.on(UpdateCommand).rejects(conditionFailed(item));
    await expect(inboxes.markPending('ann', '#team', 7)).resolves.toEqual(inbox);
    expect(requests()).toEqual([owe]);
  });

  test('creates the inbox of a user who never logged in', async () => {
    mock.on(UpdateCommand).rejects(conditionFailed()).on(PutCommand).resolves({});
    await expect(inboxes.markPending('ann', '#team', 7)).resolves.toBeUndefined();
    expect(requests()).toEqual([
      owe,
      create({ connections: {}, pending: { '#team': 7 }, has_pending: true }),
    ]);
  });

  test('is refused if the user logs in for the first time meanwhile', async () => {
    mock.on(UpdateCommand).rejectsOnce(conditionFailed()).rejectsOnce(conditionFailed(item));
    mock.on(PutCommand).rejects(conditionFailed());
    await expect(inboxes.markPending('ann', '#team', 7)).resolves.toEqual(inbox);
    expect(requests()).toHaveLength(3);
  });
});

describe('acknowledging', () => {
  const handed = [{ chat: '#team' }, { chat: 'ann:bob', to: 9 }];
  const settle = (some: Handed[], all?: 'and the overflow') =>
    inboxes.ackPending('ann', 'c1', 'l1', some, all);

  test('removes pointers and moves them on in one write, if that login is still current', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: item });
    await expect(settle(handed)).resolves.toBe(true);
    expect(requests()).toEqual([
      update({
        UpdateExpression: 'SET pending.#c1 = :t1, has_pending = :true REMOVE pending.#c0',
        ConditionExpression: 'attribute_exists(username) AND connections.#connection.#login = :login',
        ExpressionAttributeNames: {
          '#connection': 'c1',
          '#login': 'login',
          '#c0': '#team',
          '#c1': 'ann:bob',
        },
        ExpressionAttributeValues: { ':login': 'l1', ':t1': 9, ':true': true },
      }),
    ]);
  });

  test('writes no empty clause for pointers of one kind alone', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: item });
    await settle(handed.slice(0, 1));
    await settle(handed.slice(1));
    expect(updates()).toEqual(['REMOVE pending.#c0', 'SET pending.#c0 = :t0, has_pending = :true']);
  });

  test('no pointer only checks the login, and with the overflow it is removed in the same write', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: item });
    await expect(settle([])).resolves.toBe(true);
    await settle([], 'and the overflow');
    await settle(handed, 'and the overflow');
    expect(updates()).toEqual([
      undefined,
      'REMOVE overflow',
      'SET pending.#c1 = :t1, has_pending = :true REMOVE overflow, pending.#c0',
    ]);
  });

  test('notes that nothing is left, unless a pointer moves on', async () => {
    mock.on(UpdateCommand).resolves({ Attributes: item });
    for (const some of [handed.slice(0, 1), handed])
      await inboxes.ackPending('ann', 'c1', 'l1', some, undefined, undefined, 'and nothing is left');
    expect(updates()).toEqual([
      'REMOVE pending.#c0, has_pending',
      'SET pending.#c1 = :t1, has_pending = :true REMOVE pending.#c0',
    ]);
  });

  describe('of the last pointers', () => {
    const last = () =>
      inboxes.ackPending('ann', 'c1', 'l1', handed.slice(0, 1), undefined, undefined, 'and nothing is left');
    const ack = (UpdateExpression: string, also: string, values: object) =>
      update({
        UpdateExpression,
        ConditionExpression: `attribute_exists(username) AND connections.#connection.#login = :login${also}`,
        ExpressionAttributeNames: { '#connection': 'c1', '#login': 'login', '#c0': '#team' },
        ExpressionAttributeValues: { ':login': 'l1', ...values },
      });
    const noting = ack(
      'REMOVE pending.#c0, has_pending',
      ' AND size(pending) = :count AND attribute_exists(pending.#c0)',
      { ':count': 1 },
    );

    test('notes that nothing is left only if they are all that is there', async () => {
      mock.on(UpdateCommand).resolves({ Attributes: item });
      await expect(last()).resolves.toBe(true);
      expect(requests()).toEqual([noting]);
    });

    test('notes nothing if another login has put one back, or has removed them', async () => {
      for (const pending of [{ '#team': 3, 'ann:bob': 9 }, { 'ann:bob': 9 }, {}]) {
        mock.reset();
        const stood = conditionFailed({ ...item, pending });
        mock.on(UpdateCommand).rejectsOnce(stood).resolvesOnce({ Attributes: item });
        await expect(last()).resolves.toBe(true);
        expect(requests()).toEqual([noting, ack('REMOVE pending.#c0', '', {})]);
      }
    });

    test('is refused to another login, which is asked once', async () => {
      const connections = { c1: { ...device, login: 'l2' } };
      mock
        .on(UpdateCommand)
        .rejectsOnce(conditionFailed({ ...item, connections }))
        .rejects(conditionFailed());
      await expect(last()).resolves.toBe(false);
      expect(requests()).toEqual([noting]);
      await expect(last()).resolves.toBe(false);
      expect(requests()).toEqual([noting, noting]);
    });

    test('of more than an inbox has room for stays below the limit of an expression', async () => {
      const many = Array.from({ length: 150 }, (_, index) => ({ chat: `#${index}` }));
      mock.on(UpdateCommand).resolves({ Attributes: item });
      for (const some of [many.slice(0, INBOX_POINTERS), many])
        await inboxes.ackPending('ann', 'c1', 'l1', some, undefined, undefined, 'and nothing is left');
      const inputs = mock.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => input);
      expect(inputs.map((input) => input.UpdateExpression?.includes('has_pending'))).toEqual([true, false]);
      for (const { UpdateExpression = '', ConditionExpression = '' } of inputs)
        expect(Math.max(UpdateExpression.length, ConditionExpression.length)).toBeLessThan(4096);
    });
  });

  test('is refused to another login', async () => {
    mock.on(UpdateCommand).rejectsOnce(conditionFailed(item)).rejectsOnce(conditionFailed());
    await expect(settle(handed)).resolves.toBe(false);
    await expect(settle(handed)).resolves.toBe(false);
  });

  test('a full inbox at once stays below the 4 KB limit of an expression', async () => {
    const all = Array.from({ length: INBOX_POINTERS }, (_, i) => ({ chat: `#${i}`, to: i + 2 }));
    mock.on(UpdateCommand).resolves({ Attributes: item });
    await expect(settle(all)).resolves.toBe(true);
    expect(updates()).toHaveLength(1);
    expect(updates()[0]?.match(/:t\d/g)).toHaveLength(INBOX_POINTERS);
    expect(updates()[0]?.length).toBeLessThan(4096);
  });
});

test('is unavailable when the table is', async () => {
  mock.on(UpdateCommand).rejects(serverError()).on(BatchGetCommand).rejects(serverError());
  await expect(inboxes.getMany(['ann'])).rejects.toThrow(Unavailable);
  await expect(inboxes.connect('ann', 'c1', device, undefined, 10)).rejects.toThrow(OutcomeUnknown);
  await expect(inboxes.disconnect('ann', 'c1', 8)).rejects.toThrow(OutcomeUnknown);
  await expect(inboxes.markPending('ann', '#team', 7)).rejects.toThrow(OutcomeUnknown);
  await expect(inboxes.ackPending('ann', 'c1', 'l1', [{ chat: '#team' }])).rejects.toThrow(OutcomeUnknown);
});
