import 'aws-sdk-client-mock-vitest/extend';
import { expect, test } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import {
  BatchGetCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '../../store/documents.ts';
import { membersIn } from '../../store/members.ts';
import { conditionFailed, serverError } from './aws-errors.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();
const members = membersIn(table);

const ann = { chat: '#team', username: 'ann', role: 'member', since: 4 } as const;
const row = { chat_id: '#team', username: 'ann', role: 'member', since: 4 };

test('joining writes the row, unless it is there', async () => {
  mock.on(PutCommand).resolvesOnce({}).rejectsOnce(conditionFailed(row)).rejectsOnce(serverError());
  await expect(members.join(ann)).resolves.toEqual(ann);
  await expect(members.join({ ...ann, since: 9 })).resolves.toEqual(ann);
  await expect(members.join(ann)).rejects.toThrow(OutcomeUnknown);
  expect(requests()[0]).toEqual([
    'Put',
    {
      TableName: 'T',
      Item: row,
      ConditionExpression: 'attribute_not_exists(chat_id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ]);
  expect(requests()).toHaveLength(3);
});

test('adding a peer writes the row, and leaves an existing one unchanged', async () => {
  mock.on(UpdateCommand).resolves({});
  await members.addPeer('ann:bob', 'ann');
  expect(requests()).toEqual([
    [
      'Update',
      {
        TableName: 'T',
        Key: { chat_id: 'ann:bob', username: 'ann' },
        UpdateExpression: 'SET #role = if_not_exists(#role, :peer), since = if_not_exists(since, :first)',
        ExpressionAttributeNames: { '#role': 'role' },
        ExpressionAttributeValues: { ':peer': 'peer', ':first': 1 },
      },
    ],
  ]);
});

test('a read mark is set in one call, on a row that exists and has a lower one', async () => {
  const stood = { chat_id: '#team', username: 'ann', read: 9 };
  mock
    .on(UpdateCommand)
    .resolvesOnce({})
    .rejectsOnce(conditionFailed(stood))
    .rejectsOnce(conditionFailed())
    .rejectsOnce(serverError());
  await expect(members.markRead('#team', 'ann', 7)).resolves.toBe(7);
  await expect(members.markRead('#team', 'ann', 7)).resolves.toBe(9);
  await expect(members.markRead('#team', 'ann', 7)).resolves.toBeUndefined();
  await expect(members.markRead('#team', 'ann', 7)).rejects.toThrow(OutcomeUnknown);
  expect(requests()).toHaveLength(4);
  expect(requests()[0]).toEqual([
    'Update',
    {
      TableName: 'T',
      Key: { chat_id: '#team', username: 'ann' },
      UpdateExpression: 'SET #read = :seq',
      ConditionExpression:
        'attribute_exists(chat_id) AND attribute_not_exists(removed) AND (attribute_not_exists(#read) OR #read < :seq)',
      ExpressionAttributeNames: { '#read': 'read' },
      ExpressionAttributeValues: { ':seq': 7 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ]);
});

test('leaving deletes exactly the row that was read, and tells whether it existed', async () => {
  mock.on(DeleteCommand).resolvesOnce({ Attributes: row }).resolvesOnce({}).rejectsOnce(conditionFailed());
  await expect(members.leave({ ...ann, attemptId: 'm' })).resolves.toBe(true);
  for (let time = 0; time < 2; time++) await expect(members.leave(ann)).resolves.toBe(false);
  const remove = { TableName: 'T', Key: { chat_id: '#team', username: 'ann' }, ReturnValues: 'ALL_OLD' };
  const ExpressionAttributeNames = { '#attemptId': 'attemptId', '#removed': 'removed' };
  const unmarked = {
    ...remove,
    ConditionExpression: 'attribute_not_exists(#attemptId) AND attribute_not_exists(#removed)',
    ExpressionAttributeNames,
  };
  expect(requests()).toEqual([
    [
      'Delete',
      {
        ...remove,
        ConditionExpression: '#attemptId = :attemptId AND attribute_not_exists(#removed)',
        ExpressionAttributeNames,
        ExpressionAttributeValues: { ':attemptId': 'm' },
      },
    ],
    ['Delete', unmarked],
    ['Delete', unmarked],
  ]);
});

test('members are looked up by chat and name, with strong consistency', async () => {
  const key = { chat_id: '#team', username: 'ann' };
  mock.on(GetCommand).resolvesOnce({ Item: row }).resolvesOnce({});
  mock.on(BatchGetCommand).resolves({ Responses: { T: [row] } });
  await expect(members.get('#team', 'ann')).resolves.toEqual(ann);
  await expect(members.get('#team', 'ann')).resolves.toBeUndefined();
  await expect(members.getMany([ann, { chat: '#x', username: 'bob' }])).resolves.toEqual([ann]);
  const keys = [key, { chat_id: '#x', username: 'bob' }];
  expect(requests().slice(1)).toEqual([
    ['Get', { TableName: 'T', Key: key, ConsistentRead: true }],
    ['BatchGet', { RequestItems: { T: { Keys: keys, ConsistentRead: true } } }],
  ]);
});

test('a page of members is read by name, with strong consistency, in one call', async () => {
  mock
    .on(QueryCommand)
    .resolvesOnce({ Items: [row] })
    .resolvesOnce({});
  await expect(members.page('#team', '', 5)).resolves.toEqual([ann]);
  await expect(members.page('#team', 'ann', 5)).resolves.toEqual([]);
  const query = (after: string) => ({
    TableName: 'T',
    ConsistentRead: true,
    KeyConditionExpression: 'chat_id = :chat AND username > :after',
    ExpressionAttributeValues: { ':chat': '#team', ':after': after },
    Limit: 5,
  });
  expect(requests()).toEqual([
    ['Query', query(' ')],
    ['Query', query('ann')],
  ]);
});

test('the chats of a user are read from the index, without strong consistency', async () => {
  mock
    .on(QueryCommand)
    .resolvesOnce({ Items: [{ chat_id: '#team' }, { chat_id: 'ann:bob' }] })
    .resolvesOnce({ Items: [{ chat_id: '#team' }] });
  await expect(members.chatsOf('ann')).resolves.toEqual(['#team', 'ann:bob']);
  await expect(members.groupsOf('ann')).resolves.toEqual(['#team']);
  expect(requests()).toEqual([
    [
      'Query',
      {
        TableName: 'T',
        IndexName: 'by-user',
        KeyConditionExpression: 'username = :username',
        FilterExpression: 'attribute_not_exists(removed)',
        ExpressionAttributeValues: { ':username': 'ann' },
      },
    ],
    [
      'Query',
      {
        TableName: 'T',
        IndexName: 'by-user',
        KeyConditionExpression: 'username = :username AND begins_with(chat_id, :group)',
        FilterExpression: 'attribute_not_exists(removed)',
        ExpressionAttributeValues: { ':username': 'ann', ':group': '#' },
      },
    ],
  ]);
});

test('a list is unavailable if one of its pages is', async () => {
  mock
    .on(QueryCommand)
    .resolvesOnce({ Items: [], LastEvaluatedKey: { chat_id: '#team', username: 'bob' } })
    .rejectsOnce(serverError());
  await expect(members.chatsOf('ann')).rejects.toThrow(Unavailable);
});
