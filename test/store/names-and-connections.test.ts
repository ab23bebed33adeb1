import { describe, expect, test } from 'vitest';
import { OutcomeUnknown, Unavailable } from '../../chat/errors.ts';
import type { Name } from '../../chat/model.ts';
import { connectionsIn } from '../../store/connections.ts';
import { directoryIn } from '../../store/directory.ts';
import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '../../store/documents.ts';
import { conditionFailed, serverError } from './aws-errors.ts';
import { mockedTable } from './mocked.ts';

const { table, mock, requests } = mockedTable();

describe('names', () => {
  const directory = directoryIn(table);
  const ann: Name = { name: 'ann', kind: 'user', created: 1, attemptId: 'mine' };

  test('a claim is one write that nobody else can win as well', async () => {
    mock
      .on(PutCommand)
      .resolvesOnce({})
      .rejectsOnce(conditionFailed({ ...ann, attemptId: 'theirs' }));
    await expect(directory.reserve(ann)).resolves.toEqual(ann);
    await expect(directory.reserve(ann)).resolves.toEqual({ ...ann, attemptId: 'theirs' });
    expect(requests()[0]).toEqual([
      'Put',
      {
        TableName: 'T',
        Item: ann,
        ConditionExpression: 'attribute_not_exists(#key)',
        ExpressionAttributeNames: { '#key': 'name' },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ]);
    expect(requests()).toHaveLength(2);
  });

  test('a claim whose answer was lost meets itself', async () => {
    mock
      .on(PutCommand)
      .rejectsOnce(serverError())
      .rejectsOnce(conditionFailed({ ...ann }));
    await expect(directory.reserve(ann)).resolves.toEqual(ann);
  });

  test('a name is read by its key', async () => {
    mock.on(GetCommand).resolves({});
    await expect(directory.get('ann', 'user')).resolves.toBeUndefined();
    expect(requests()).toEqual([['Get', { TableName: 'T', Key: { name: 'ann' }, ConsistentRead: true }]]);
  });
});

describe('with separate namespaces for users and groups', () => {
  const directory = directoryIn(table, true);
  const keyOf = ([, { Key, Item }]: [string, { Key?: Name; Item?: Name }]) => (Key ?? Item)?.name;

  test('a user is kept under a key that no group can have, with the given id', async () => {
    const user: Name = { name: '@#team', kind: 'user', created: 1, attemptId: 'm' };
    mock.on(PutCommand).resolves({});
    mock.on(GetCommand).resolves({ Item: { ...user, name: '@@#team' } });
    await expect(directory.reserve(user)).resolves.toEqual(user);
    await expect(directory.get('@#team', 'user')).resolves.toEqual(user);
    expect(requests().map((each) => keyOf(each as never))).toEqual(['@@#team', '@@#team']);
  });

  test('a group is not a user, and keeps its key', async () => {
    const team: Name = { name: 'team', kind: 'group', created: 1, attemptId: 'm' };
    mock.on(GetCommand, { Key: { name: 'team' } }).resolves({ Item: team });
    mock.on(GetCommand, { Key: { name: '@team' } }).resolves({});
    await expect(directory.get('team', 'group')).resolves.toEqual(team);
    await expect(directory.get('team', 'user')).resolves.toBeUndefined();
  });

  test('a user of an earlier version is found', async () => {
    const ann: Name = { name: 'ann', kind: 'user', created: 1, attemptId: 'm' };
    mock.on(GetCommand, { Key: { name: 'ann' } }).resolves({ Item: ann });
    mock.on(GetCommand, { Key: { name: '@ann' } }).resolves({});
    await expect(directory.get('ann', 'user')).resolves.toEqual(ann);
  });
});

describe('the names of groups', () => {
  const directory = directoryIn(table);
  const team: Name = { name: 'team', kind: 'group', created: 1, attemptId: 'm' };
  const isIt = '#attemptId = :attemptId AND kind = :group';
  const update = (change: { ExpressionAttributeValues: object; [field: string]: unknown }) => [
    'Update',
    {
      TableName: 'T',
      Key: { name: 'team' },
      ConditionExpression: isIt,
      ExpressionAttributeNames: { '#attemptId': 'attemptId' },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...change,
      ExpressionAttributeValues: {
        ':attemptId': 'm',
        ':group': 'group',
        ...change.ExpressionAttributeValues,
      },
    },
  ];

  test('noting something, and setting and lifting a restriction, are one call each', async () => {
    mock
      .on(UpdateCommand)
      .resolvesOnce({})
      .resolvesOnce({})
      .rejectsOnce(conditionFailed())
      .rejectsOnce(serverError());
    await expect(directory.note(team, 'hasInvited')).resolves.toBe(true);
    await directory.updateSettings(team, { inviteOnly: true });
    await expect(directory.note(team, 'hasRemoved')).resolves.toBe(false);
    await expect(directory.note(team, 'hasRemoved')).rejects.toThrow(OutcomeUnknown);
    expect(requests().slice(0, 2)).toEqual([
      update({
        UpdateExpression: 'SET #what = :true',
        ExpressionAttributeNames: { '#what': 'hasInvited', '#attemptId': 'attemptId' },
        ExpressionAttributeValues: { ':true': true },
      }),
      update({
        UpdateExpression: 'SET #inviteOnly = :inviteOnly',
        ExpressionAttributeNames: { '#inviteOnly': 'inviteOnly', '#attemptId': 'attemptId' },
        ExpressionAttributeValues: { ':inviteOnly': true },
      }),
    ]);
  });
});

describe('connections', () => {
  const connections = connectionsIn(table);

  test('binding holds for one user, and expires after the 2 hours that a connection can live', async () => {
    mock.on(PutCommand).resolves({});
    const bound = connections.bind('c1', { username: 'ann', form: 'text' }, 1_700_000_000_999);
    await expect(bound).resolves.toEqual({});
    expect(requests()).toEqual([
      [
        'Put',
        {
          TableName: 'T',
          Item: { connection_id: 'c1', username: 'ann', form: 'text', expires: 1_700_000_000 + 7_800 },
          ConditionExpression: 'attribute_not_exists(connection_id) OR username = :username',
          ExpressionAttributeValues: { ':username': 'ann' },
          ReturnValues: 'ALL_OLD',
        },
      ],
    ]);
  });

  test('a connection that is bound to another user is not bound anew', async () => {
    mock.on(PutCommand).rejects(conditionFailed());
    await expect(connections.bind('c1', { username: 'ann', form: 'json' }, 0)).resolves.toBe(false);
  });

  test('unbinding deletes the row of that user, and no other', async () => {
    mock.on(DeleteCommand).rejects(conditionFailed());
    await connections.unbind('c1', 'ann');
    expect(requests()).toEqual([
      [
        'Delete',
        {
          TableName: 'T',
          Key: { connection_id: 'c1' },
          ConditionExpression: 'username = :username',
          ExpressionAttributeValues: { ':username': 'ann' },
        },
      ],
    ]);
  });

  test('the user of a connection is read with strong consistency', async () => {
    mock
      .on(GetCommand)
      .resolvesOnce({ Item: { connection_id: 'c1', username: 'ann' } })
      .resolvesOnce({});
    await expect(connections.get('c1')).resolves.toHaveProperty('username', 'ann');
    await expect(connections.get('c2')).resolves.toBeUndefined();
    expect(requests()[0]).toEqual([
      'Get',
      { TableName: 'T', Key: { connection_id: 'c1' }, ConsistentRead: true },
    ]);
  });

  test('are unavailable when the table is', async () => {
    mock
      .on(PutCommand)
      .rejects(serverError())
      .on(DeleteCommand)
      .rejects(serverError())
      .on(GetCommand)
      .rejects(serverError());
    await expect(connections.bind('c1', { username: 'ann', form: 'json' }, 0)).rejects.toThrow(
      OutcomeUnknown,
    );
    await expect(connections.unbind('c1', 'ann')).rejects.toThrow(OutcomeUnknown);
    await expect(connections.get('c1')).rejects.toThrow(Unavailable);
  });
});
