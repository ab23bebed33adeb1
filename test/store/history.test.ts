import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../chat/errors.ts';
import type { LogEntry } from '../../chat/model.ts';
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand, ScanCommand } from '../../store/documents.ts';
import { historyIn } from '../../store/history.ts';
import { scansIn } from '../../store/scans.ts';
import { conditionFailed, serverError } from './aws-errors.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();
const history = historyIn(table);

const entry = (seq: number): LogEntry => ({
  chat: '#team',
  seq,
  id: `id${seq}`,
  sender: 'ann',
  content: 'hi',
  at: seq,
});
const row = (seq: number) => {
  const { chat, ...rest } = entry(seq);
  return { chat_id: chat, ...rest };
};
const cutAt = (seq: number) => ({ LastEvaluatedKey: { chat_id: '#team', seq } });
const backward = (seq: number, Limit: number) => [
  'Query',
  {
    TableName: 'T',
    ConsistentRead: true,
    KeyConditionExpression: 'chat_id = :chat AND seq <= :seq',
    ExpressionAttributeValues: { ':chat': '#team', ':seq': seq },
    ScanIndexForward: false,
    Limit,
  },
];

describe('an entry', () => {
  test('is put into its slot, or meets the one that was first there', async () => {
    const theirs = { ...row(7), id: 'theirs', key: 'k' };
    mock.on(PutCommand).resolvesOnce({}).rejectsOnce(conditionFailed(theirs));
    await expect(history.put(entry(7))).resolves.toEqual(entry(7));
    await expect(history.put(entry(7))).resolves.toEqual({ ...entry(7), id: 'theirs', key: 'k' });
    expect(requests()[0]).toEqual([
      'Put',
      {
        TableName: 'T',
        Item: row(7),
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': 'chat_id' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ]);
  });

  test('meets itself in its slot if its answer was lost', async () => {
    mock
      .on(PutCommand)
      .rejectsOnce(serverError())
      .rejectsOnce(conditionFailed(row(7)));
    await expect(history.put(entry(7))).resolves.toEqual(entry(7));
  });

  test('is read by its seq', async () => {
    mock
      .on(GetCommand)
      .resolvesOnce({ Item: row(7) })
      .resolvesOnce({});
    await expect(history.get('#team', 7)).resolves.toEqual(entry(7));
    await expect(history.get('#team', 8)).resolves.toBeUndefined();
  });
});

describe('the newest entries', () => {
  test('are read backward and handed on forward', async () => {
    mock.on(QueryCommand).resolves({ Items: [row(9), row(8)], ...cutAt(8) });
    await expect(history.newest('#team', 2)).resolves.toEqual([entry(8), entry(9)]);
    expect(requests()).toEqual([backward(Number.MAX_SAFE_INTEGER, 2)]);
  });

  test('are as many as were asked for, even if one answer has no room for them', async () => {
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [row(9)], ...cutAt(9) })
      .resolvesOnce({ Items: [row(8), row(7)], ...cutAt(7) });
    await expect(history.newest('#team', 3, 9)).resolves.toEqual([entry(7), entry(8), entry(9)]);
    expect(requests()).toEqual([backward(9, 3), backward(8, 2)]);
  });

  test('are fewer in a short chat, and none in an empty one', async () => {
    mock
      .on(QueryCommand)
      .resolvesOnce({ Items: [row(1)] })
      .resolvesOnce({ Items: [] });
    await expect(history.newest('#team', 3)).resolves.toEqual([entry(1)]);
    await expect(history.newest('#team', 3)).resolves.toEqual([]);
    expect(requests()).toHaveLength(2);
  });
});

describe('the entries from one on', () => {
  test.each([
    ['the limit cut them', cutAt(8), true],
    ['these are all', {}, false],
  ])('come oldest first, and it is told whether %s', async (_, cut, more) => {
    mock.on(QueryCommand).resolves({ Items: [row(7), row(8)], ...cut });
    await expect(history.from('#team', 7, 2)).resolves.toEqual({ entries: [entry(7), entry(8)], more });
    expect(requests()).toEqual([
      [
        'Query',
        {
          TableName: 'T',
          ConsistentRead: true,
          KeyConditionExpression: 'chat_id = :chat AND seq >= :seq',
          ExpressionAttributeValues: { ':chat': '#team', ':seq': 7 },
          Limit: 2,
        },
      ],
    ]);
  });
});

describe('with a retention time', () => {
  const NOW = 1_000_000;
  const kept = historyIn(table, { keep: 1_000, now: () => NOW });
  const at = (seq: number, age: number) => ({ ...row(seq), at: NOW - age });
  const found = (...Items: object[]) => ({ Responses: { T: Items } });
  const reaching = async () => [...(await kept.reaching([{ chat: '#team', seq: 8 }]))];
  const operations = () => requests().map(([operation]) => operation);

  test('an entry that is found is known to exist after one read', async () => {
    mock.on(BatchGetCommand).resolves(found(at(8, 5_000)));
    expect(await reaching()).toEqual(['#team']);
    expect(operations()).toEqual(['BatchGet']);
  });

  test('an operator’s reading of all says which entries are old, as they may be there for days more', async () => {
    mock.on(ScanCommand).resolves({ Items: [at(6, 1_001), at(7, 1_000)] });
    const scans = scansIn(
      { History: table, Directory: table, Sessions: table, Connections: table },
      { keep: 1_000, now: () => NOW },
    );
    const read = [];
    for await (const { item } of scans.entriesSince(0)) read.push(item?.expired);
    expect(read).toEqual([true, undefined]);
  });

  test.each([
    ['{"chat_id":"#team","seq":7}', true],
    ['{"chat_id":"#team","seq":"7"}', false],
    ['{"chat_id":"","seq":7}', false],
    ['{"chat_id":"#team"}', false],
    ['{"chat_id":"#team","seq":7,"x":1}', false],
    ['null', false],
    ['x', false],
  ])('an operator’s reading goes on at a key, and at nothing else: %s', (after, isOne) => {
    const scans = scansIn({ History: table, Directory: table, Sessions: table, Connections: table });
    expect(scans.isPlace('History', after)).toBe(isOne);
  });

  test('an entry behind one that is still shown cannot have expired', async () => {
    mock
      .on(BatchGetCommand)
      .resolvesOnce(found())
      .resolvesOnce(found(at(7, 1_000)));
    expect(await reaching()).toEqual([]);
    expect(operations()).toEqual(['BatchGet', 'BatchGet']);
  });

  test.each([
    ['is old, and the last', [at(7, 1_001)], at(7, 1_001), []],
    ['is old, and not the last', [at(7, 1_001)], at(9, 0), ['#team']],
    ['is gone, too', [], at(9, 5_000), ['#team']],
  ])('the end of the log tells whether the entry before %s', async (_, before, newest, reached) => {
    mock
      .on(BatchGetCommand)
      .resolvesOnce(found())
      .resolvesOnce(found(...before))
      .on(QueryCommand)
      .resolves({ Items: [newest] });
    expect(await reaching()).toEqual(reached);
    expect(operations()).toEqual(['BatchGet', 'BatchGet', 'Query']);
  });
});

test('the log is unavailable when the table is', async () => {
  mock.on(QueryCommand).rejects(serverError()).on(GetCommand).rejects(serverError());
  await expect(history.newest('#team', 1)).rejects.toThrow(Unavailable);
  await expect(history.from('#team', 1)).rejects.toThrow(Unavailable);
  await expect(history.get('#team', 1)).rejects.toThrow(Unavailable);
});
