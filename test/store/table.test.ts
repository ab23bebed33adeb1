import 'aws-sdk-client-mock-vitest/extend';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import { BatchGetCommand, GetCommand, PutCommand } from '../../store/documents.ts';
import { calling, conditionally, getItem, getItems, putFirst, writing } from '../../store/table.ts';
import { conditionFailed, noSuchTable, serverError, throttles } from './aws-errors.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();

describe('a call', () => {
  test('that answers is passed through', async () => {
    await expect(calling(Promise.resolve('answer'))).resolves.toBe('answer');
  });

  test.each([...throttles, serverError()])(
    'that ends in $name is unavailable, and says why',
    async (error) => {
      const failure = await calling(Promise.reject(error)).catch((thrown: unknown) => thrown);
      expect(failure).toBeInstanceOf(Unavailable);
      expect(failure).toMatchObject({ message: expect.stringContaining(error.name), cause: error });
    },
  );

  const answered = (httpStatusCode: number, error = new Error('no name')) =>
    Object.assign(error, { $metadata: { httpStatusCode } });

  test.each([answered(500), answered(503, new SyntaxError('Unexpected token <')), answered(429)])(
    'with an unnamed error is judged by its status: $$metadata.httpStatusCode',
    async (error) => {
      await expect(calling(Promise.reject(error))).rejects.toThrow(Unavailable);
    },
  );

  test.each([
    answered(400),
    answered(200, new SyntaxError('Unexpected end')),
    Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
    Object.assign(new TypeError('ours'), { code: 'ERR_INVALID_ARG_TYPE' }),
  ])('that ends in an error that no retry can fix throws it: $name $message', async (error) => {
    await expect(calling(Promise.reject(error))).rejects.toBe(error);
  });

  test.each([
    Object.assign(new Error('too late'), { name: 'TimeoutError' }),
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
    Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }),
    Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }),
  ])('that nobody answers is unavailable: $message', async (error) => {
    await expect(calling(Promise.reject(error))).rejects.toThrow(Unavailable);
  });

  test.each([noSuchTable(), conditionFailed(), new TypeError('ours')])(
    'that ends in $name throws our mistake as it is',
    async (error) => {
      await expect(calling(Promise.reject(error))).rejects.toBe(error);
    },
  );

  test.each(throttles)('that writes, and ends in $name, did nothing', async (error) => {
    await expect(writing(Promise.reject(error))).rejects.toThrow(Unavailable);
  });

  test.each([
    serverError(),
    answered(503, new SyntaxError('Unexpected token <')),
    Object.assign(new Error('too late'), { name: 'TimeoutError' }),
    Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  ])('that writes, and ends in $name $message, may have done it', async (error) => {
    await expect(writing(Promise.reject(error))).rejects.toThrow(OutcomeUnknown);
  });

  test.each(['ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND'])(
    'that writes to nobody did nothing: %s',
    async (code) => {
      const error = Object.assign(new Error('nobody there'), { code });
      await expect(writing(Promise.reject(error))).rejects.toThrow(Unavailable);
    },
  );

  test('under a condition answers with what stood against it', async () => {
    const item = { username: 'ann', pending: { '#team': 3 } };
    await expect(conditionally(Promise.reject(conditionFailed(item)))).resolves.toEqual({ refusedBy: item });
    await expect(conditionally(Promise.reject(conditionFailed()))).resolves.toEqual({ refusedBy: undefined });
    await expect(conditionally(Promise.resolve(7))).resolves.toEqual({ done: 7 });
    await expect(conditionally(Promise.reject(noSuchTable()))).rejects.toThrow('as the service says it');
    await expect(conditionally(Promise.reject(serverError()))).rejects.toThrow(OutcomeUnknown);
  });
});

test('an item is read with strong consistency', async () => {
  mock
    .on(GetCommand)
    .resolvesOnce({ Item: { name: 'ann' } })
    .resolvesOnce({});
  await expect(getItem(table, { name: 'ann' })).resolves.toEqual({ name: 'ann' });
  await expect(getItem(table, { name: 'bob' })).resolves.toBeUndefined();
  expect(requests()).toEqual([
    ['Get', { TableName: 'T', Key: { name: 'ann' }, ConsistentRead: true }],
    ['Get', { TableName: 'T', Key: { name: 'bob' }, ConsistentRead: true }],
  ]);
});

describe('putting an item first', () => {
  const item = { chat_id: '#team', seq: 7, id: 'mine' };
  const other = { ...item, id: 'theirs' };
  const put = () => putFirst(table, 'chat_id', item);

  test('gets the slot with one conditional write', async () => {
    mock.on(PutCommand).resolves({});
    await expect(put()).resolves.toEqual(item);
    expect(requests()).toEqual([
      [
        'Put',
        {
          TableName: 'T',
          Item: item,
          ConditionExpression: 'attribute_not_exists(#key)',
          ExpressionAttributeNames: { '#key': 'chat_id' },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
    ]);
  });

  test('is reported to the second writer, without another read', async () => {
    mock.on(PutCommand).rejects(conditionFailed(other));
    await expect(put()).resolves.toEqual(other);
    expect(requests()).toHaveLength(1);
  });

  test('is recognised when the SDK repeats the put after a 5xx', async () => {
    mock.on(PutCommand).rejectsOnce(serverError()).rejectsOnce(conditionFailed(item));
    await expect(put()).resolves.toEqual(item);
    expect(requests()[1]).toEqual(requests()[0]);
  });

  test('may have been somebody else, after a 5xx', async () => {
    mock.on(PutCommand).rejectsOnce(serverError()).rejectsOnce(conditionFailed(other));
    await expect(put()).resolves.toEqual(other);
  });

  test.each([...throttles, serverError()])(
    'is unknown after a 5xx and then $name, so nothing claims that it was not written',
    async (error) => {
      mock.on(PutCommand).rejectsOnce(serverError()).rejects(error);
      await expect(put()).rejects.toThrow(OutcomeUnknown);
      expect(requests()).toHaveLength(2);
    },
  );

  test.each(throttles)('was done by nobody, when every answer is $name', async (error) => {
    mock.on(PutCommand).rejects(error);
    await expect(put()).rejects.toThrow(Unavailable);
    expect(requests()).toHaveLength(1);
  });

  test('is not guessed: a refusal without its item, or a mistake of ours, is thrown', async () => {
    mock.on(PutCommand).rejectsOnce(conditionFailed()).rejectsOnce(noSuchTable());
    await expect(put()).rejects.toThrow('T: a failed condition returned no item');
    await expect(put()).rejects.toThrow('as the service says it');
    expect(mock).toHaveReceivedCommandTimes(GetCommand, 0);
  });
});

describe('reading many items', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ username: `u${index}` }));
  const ask = (some: object[]) => ({ RequestItems: { T: { Keys: some, ConsistentRead: true } } });

  afterEach(() => {
    vi.useRealTimers();
  });

  test('makes no request without keys', async () => {
    await expect(getItems(table, [])).resolves.toEqual([]);
    expect(requests()).toEqual([]);
  });

  test('takes 100 keys at a time, with strong consistency, and leaves out those that do not exist', async () => {
    mock
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { T: [{ username: 'u1' }] } })
      .resolvesOnce({ Responses: { T: [{ username: 'u204' }] } })
      .resolves({});
    await expect(getItems(table, keys(205))).resolves.toEqual([{ username: 'u1' }, { username: 'u204' }]);
    expect(requests()).toEqual([
      ['BatchGet', ask(keys(205).slice(0, 100))],
      ['BatchGet', ask(keys(205).slice(100, 200))],
      ['BatchGet', ask(keys(205).slice(200))],
    ]);
  });

  test('repeats only the unprocessed ones', async () => {
    vi.useFakeTimers();
    mock
      .on(BatchGetCommand)
      .resolvesOnce({
        Responses: { T: [{ username: 'u0' }] },
        UnprocessedKeys: { T: { Keys: keys(3).slice(1) } },
      })
      .resolvesOnce({ UnprocessedKeys: { T: { Keys: keys(3).slice(2) } } })
      .resolvesOnce({ Responses: { T: [{ username: 'u2' }] } });
    const reading = getItems(table, keys(3));
    await vi.runAllTimersAsync();
    await expect(reading).resolves.toEqual([{ username: 'u0' }, { username: 'u2' }]);
    expect(requests().map(([, input]) => input)).toEqual([
      ask(keys(3)),
      ask(keys(3).slice(1)),
      ask(keys(3).slice(2)),
    ]);
  });

  test('is unavailable if some stay unprocessed six times', async () => {
    vi.useFakeTimers();
    mock.on(BatchGetCommand).resolves({ UnprocessedKeys: { T: { Keys: keys(2) } } });
    const reading = expect(getItems(table, keys(2))).rejects.toThrow(
      new Unavailable('DynamoDB: 2 keys of T remained unprocessed'),
    );
    await vi.runAllTimersAsync();
    await reading;
    expect(mock).toHaveReceivedCommandTimes(BatchGetCommand, 6);
  });

  test('is unavailable if one batch is throttled', async () => {
    mock.on(BatchGetCommand).resolvesOnce({}).rejectsOnce(throttles[0]);
    await expect(getItems(table, keys(150))).rejects.toThrow(Unavailable);
  });
});
