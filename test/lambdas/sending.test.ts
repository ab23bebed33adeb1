import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { commands } from '../../protocol/index.ts';
import { BatchGetCommand, DeleteCommand, PutCommand, UpdateCommand } from '../../store/documents.ts';
import { conditionFailed, serverError, throttles } from '../store/aws-errors.ts';
import { dynamo, given, logged, reply } from './aws.ts';
import { commandHandler, handlerOf } from './handlers.ts';
import { http } from './http.ts';

const device = { form: 'json', since: Date.now(), login: 'l' };
const online = (...ids: string[]) => ({
  connections: Object.fromEntries(ids.map((id) => [id, device])),
  pending: {},
});
const send = async (frame: object = {}) =>
  JSON.parse((await reply(handlerOf('sendMessage'), toBob(frame))) ?? '');
const toBob = (more: object) => ({
  type: 'SEND_MESSAGE',
  recipient: 'bob',
  content: 'hi',
  request_id: 'r1',
  ...more,
});
const sent = { type: 'MESSAGE_SENT', status: 'send_success', chat_id: 'ann:bob', seq: 8, request_id: 'r1' };
const owed = {
  TableName: 'inboxes',
  Key: { username: 'bob' },
  UpdateExpression: 'SET pending.#chat = :seq, has_pending = :true',
  ExpressionAttributeNames: { '#chat': 'ann:bob' },
};

beforeEach(() => {
  given({
    loggedIn: { c1: 'ann' },
    users: ['ann', 'bob'],
    history: { 'ann:bob': [{ seq: 7 }], '#team': [{ seq: 7 }] },
    inboxes: { bob: online('c2', 'c3'), ann: online('c1', 'c4') },
  });
});

test('a message to a large group whose queue does not answer may have been delivered, and each attempt queues another copy', async () => {
  const many = Array.from({ length: Number(process.env.FAN_OUT_PAGE_SIZE) }, (_, index) => `user${index}`);
  given({ groups: ['team'], members: { '#team': ['ann', ...many] } });
  const queue = mockClient(SQSClient);
  queue.on(SendMessageCommand).rejects(serverError());
  const body = { type: 'SEND_GROUP_MESSAGE', group_id: 'team', content: 'hi' };
  const handler = handlerOf('sendGroupMessage');
  expect(JSON.parse((await reply(handler, body)) ?? '')).toMatchObject({ code: 'outcome_unknown' });
  const sendings = queue
    .commandCalls(SendMessageCommand)
    .map(({ args }) => JSON.parse(String(args[0].input.MessageBody)));
  expect(sendings).toHaveLength(3);
  for (const sending of sendings)
    expect(sending).toMatchObject({ chat: '#team', seq: 8, after: expect.any(String) });
  expect(new Set(sendings.map((each) => each.copy)).size).toBe(3);
});

describe('a message', () => {
  test('is stored, and posted to the devices of both but the one it came from', async () => {
    await expect(send()).resolves.toMatchObject(sent);
    expect(dynamo).toHaveReceivedCommandExactlyOnceWith(PutCommand, {
      TableName: 'history',
      Item: expect.objectContaining({ chat_id: 'ann:bob', seq: 8, sender: 'ann', content: 'hi' }),
    });
    for (const id of ['c2', 'c3', 'c4']) {
      expect(http.postedTo(id).map((frame) => JSON.parse(frame))).toMatchObject([
        { type: 'RECEIVE_MESSAGE', sender: 'ann', recipient: 'bob', content: 'hi', seq: 8 },
      ]);
    }
    expect(http.postedTo('c1')).toEqual([]);
  });

  test('is marked pending for a recipient who is away', async () => {
    given({ inboxes: {} });
    await expect(send()).resolves.toMatchObject(sent);
    expect(dynamo).toHaveReceivedCommandWith(UpdateCommand, owed);
  });

  test('is marked pending if all devices are dead, and the devices are removed', async () => {
    http.answers(410);
    dynamo
      .on(UpdateCommand, {
        UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
      })
      .resolves({
        Attributes: { username: 'bob', ...online() },
      });
    await expect(send()).resolves.toMatchObject(sent);
    for (const id of ['c2', 'c3']) {
      expect(dynamo).toHaveReceivedCommandWith(UpdateCommand, {
        Key: { username: 'bob' },
        UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
        ExpressionAttributeNames: { '#connection': id, '#login': 'login' },
      });
    }
    expect(dynamo).toHaveReceivedCommandWith(UpdateCommand, owed);
    expect(http.closed).toEqual([]);
  });

  test('that a device cannot take closes and unbinds it, so that its client comes back', async () => {
    http.answers(({ method, connectionId }) => (method === 'POST' && connectionId === 'c2' ? 429 : 200));
    await expect(send()).resolves.toMatchObject(sent);
    expect(http.closed).toEqual(['c2']);
    expect(dynamo).toHaveReceivedCommandWith(DeleteCommand, {
      TableName: 'connections',
      Key: { connection_id: 'c2' },
    });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'warn', connection_id: 'c2' }));
  });

  test('takes the next slot if another was first', async () => {
    const first = { chat_id: 'ann:bob', seq: 8, id: 'theirs', sender: 'bob', content: 'hey', at: 1 };
    dynamo.on(PutCommand).rejectsOnce(conditionFailed(first)).resolves({});
    await expect(send()).resolves.toMatchObject({ ...sent, seq: 9 });
  });

  test('is not "busy" if something fails after it was written', async () => {
    for (const error of [...throttles, serverError()]) {
      logged.length = 0;
      dynamo.on(BatchGetCommand).rejects(error);
      await expect(send()).resolves.toMatchObject({
        type: 'MESSAGE_FAILED',
        code: 'outcome_unknown',
        reason: expect.stringContaining('Send it again, with the same "client_message_id"'),
      });
      expect(logged).toMatchObject([
        {
          level: 'error',
          error: {
            message: 'Stored as ann:bob 8, but not delivered to everyone',
            cause: { name: 'Unavailable', cause: { name: error.name } },
          },
        },
      ]);
    }
  });

  test('never appears in the log', async () => {
    dynamo.on(BatchGetCommand).rejects(serverError());
    await send({ content: 'between us' });
    dynamo.on(PutCommand).rejects(conditionFailed());
    await send({ content: 'between us' });
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).not.toContain('between us');
  });

  test.each([
    [{ content: '' }, 'bad_request'],
    [{ recipient: '.' }, 'invalid_name'],
    [{ recipient: 'nobody' }, 'unknown_recipient'],
    [{ content: 'x'.repeat(16 * 1024 + 1) }, 'content_too_large'],
  ])('is refused and not stored: %j', async (fields, code) => {
    await expect(send(fields)).resolves.toMatchObject({ type: 'MESSAGE_FAILED', code });
    expect(dynamo).toHaveReceivedCommandTimes(PutCommand, 0);
  });
});

describe('a group message', () => {
  const sendTeam = async (more: object = {}) => {
    const frame = { type: 'SEND_GROUP_MESSAGE', groupname: 'team', content: 'hi', ...more };
    return JSON.parse((await reply(handlerOf('sendGroupMessage'), frame)) ?? '');
  };

  test('reaches every member who is there', async () => {
    given({ groups: ['team'], members: { '#team': ['ann', 'bob'] }, inboxes: { bob: online('c2') } });
    await expect(sendTeam()).resolves.toMatchObject({ type: 'GROUP_MESSAGE_SENT', chat_id: '#team', seq: 8 });
    expect(JSON.parse(http.postedTo('c2')[0] ?? '')).toMatchObject({
      type: 'RECEIVE_GROUP_MESSAGE',
      group_id: 'team',
    });
  });

  test('is refused to non-members, and in the name of others', async () => {
    await expect(sendTeam()).resolves.toMatchObject({ code: 'unknown_group' });
    given({ groups: ['team'], members: { '#team': ['bob'] } });
    await expect(sendTeam()).resolves.toMatchObject({ code: 'not_a_member' });
    await expect(sendTeam({ sender: 'bob' })).resolves.toMatchObject({ code: 'sender_mismatch' });
    expect(dynamo).toHaveReceivedCommandTimes(PutCommand, 0);
  });

  test('is not "busy" if its delivery fails after it was written', async () => {
    given({ groups: ['team'], members: { '#team': ['ann', 'bob'] } });
    dynamo.on(BatchGetCommand).rejects(serverError());
    await expect(sendTeam()).resolves.toMatchObject({
      type: 'GROUP_MESSAGE_FAILED',
      code: 'outcome_unknown',
    });
  });
});

test('other refusals reach the client with their own code', async () => {
  given({ groups: ['team'], loggedIn: { c1: 'ann' } });
  dynamo
    .on(PutCommand, { TableName: 'names' })
    .rejects(conditionFailed({ name: 'team', kind: 'group', owner: 'bob', attemptId: 'theirs' }));
  const answers = {
    register: [{ username: 'team' }, 'name_taken'],
    login: [{ username: 'nobody' }, 'invalid_credentials'],
    create_group: [{ group_name: 'team' }, 'name_taken'],
    join_group: [{ group_id: 'none' }, 'unknown_group'],
    leave_group: [{ group_id: 'team' }, 'not_a_member'],
    fetch_history: [{ recipient: 'team' }, 'not_a_member'],
  } as const;
  for (const [type, [fields, code]] of Object.entries(answers)) {
    http.forget();
    const command = commands.find((each) => each.type === type);
    if (!command) throw new Error(type);
    const frame = await reply(commandHandler(command), { type, ...fields });
    expect(JSON.parse(frame ?? '')).toMatchObject({ type: command.fail.type, code });
  }
});
