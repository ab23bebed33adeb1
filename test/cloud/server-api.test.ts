import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, describe, expect, test } from 'vitest';
import { invoker } from '../../clients/server/invoke.ts';
import { optionsOf } from '../../clients/server/local.ts';
import { commands, operatorCommands, operatorExamples } from '../../protocol/index.ts';
import { unique } from '../support/given.ts';
import { ownCloud } from '../support/own-cloud.ts';

const { cloud, given } = await ownCloud();

const backend = cloud.invoker('ApiFunction');
const { functionName, lambda } = optionsOf(backend);
const api = invoker(functionName, lambda);
afterAll(() => api.close());

type Fields = Record<string, unknown>;
const call = (whole: unknown) => api.invoke(JSON.stringify(whole)) as Promise<Fields>;
const operator = (request: Fields) => call({ request });
const as = (username: string, request: Fields) => call({ as: username, request });

/** A user whom the backend has created. */
async function aUser(): Promise<string> {
  const username = unique('user');
  expect(await operator({ type: 'create_user', username })).toMatchObject({ created: true });
  return username;
}

describe('a backend that may invoke the server API and nothing else', () => {
  test('creates users and a group, adds members, sends as users, and twice the same key once', async () => {
    const [ann, ben] = [await aUser(), await aUser()];
    const group = unique('group');
    expect(await as(ann, { type: 'create_group', group_name: group, invite_only: true })).toMatchObject({
      type: 'create_group_response',
      group_id: group,
    });
    const client = await given.device(ben);
    await operator({ type: 'add_member', group_id: group, username: ben });
    await client.next({ type: 'JOINED', group_id: group });
    const sends = { type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'hi', client_message_id: 'k' };
    const both = await Promise.all([as(ann, sends), as(ann, sends)]);
    expect(both[0]).toMatchObject({ type: 'GROUP_MESSAGE_SENT', status: 'send_success', seq: 1 });
    expect(both[1]).toEqual(both[0]);
    expect(await as(ann, { ...sends, request_id: 'r' })).toEqual({ ...both[0], request_id: 'r' });
    await client.next({ type: 'RECEIVE_GROUP_MESSAGE', content: 'hi', sender: ann });
    expect(await as(ben, { type: 'fetch_history', group_id: group })).toMatchObject({
      messages: [{ content: 'hi' }],
    });
    await client.close();
  });

  test('sends as the system, to who is there and who is away, once', async () => {
    const [ann, ben] = [await aUser(), await aUser()];
    const there = await given.device(ann);
    const text = await given.aStranger();
    await text.say(`login ${ann}`);
    const says = (chat: string) => {
      const message = { chat, content: 'Matched.', client_message_id: 'matched' };
      return operator({ type: 'send_system_message', ...message });
    };
    const sent = await says(`${ann}:${ben}`);
    expect(sent).toMatchObject({ status: 'send_system_message_success', seq: 1 });
    expect(await says(`${ben}:${ann}`)).toEqual(sent);
    const chat_id = String(sent.chat_id);
    const said = { sender: 'system', system: true, content: 'Matched.', chat_id };
    await there.next({ type: 'RECEIVE_MESSAGE', recipient: ann, ...said });
    await text.nextText('the line', (line) => line.startsWith(`receive «system» ${ben}: Matched. `));
    const later = await given.aStranger();
    expect(await later.request({ type: 'login', username: ben })).toMatchObject({
      pending_messages: [{ recipient: ben, ...said }],
    });
    for (const each of [there, text, later]) await each.close();
  });

  test('deletes any message, of a group, a private chat and the system, and whoever is there is told', async () => {
    const [ann, ben] = [await aUser(), await aUser()];
    const there = await given.device(ben);
    const group = unique('group');
    await as(ann, { type: 'create_group', group_name: group });
    await operator({ type: 'add_member', group_id: group, username: ben });
    const sent = [
      await as(ann, { type: 'SEND_GROUP_MESSAGE', group_id: group, content: 'bad' }),
      await as(ann, { type: 'SEND_MESSAGE', recipient: ben, content: 'bad' }),
      await operator({ type: 'send_system_message', chat: `#${group}`, content: 'bad' }),
    ];
    // She is not there any more.
    await as(ann, { type: 'leave_group', group_id: group });
    for (const { chat_id, seq } of sent) {
      const deleted = await operator({ type: 'delete_message', chat: chat_id, seq });
      expect(deleted).toMatchObject({ status: 'delete_message_success', chat_id });
      const told = await there.next({ chat_id: String(chat_id), content: '' });
      expect(told).toMatchObject({ deletes: seq });
    }
    await there.close();
  });

  test('mints a session, with whose token a browser logs in, and ends it', async () => {
    const ann = await aUser();
    const { session_token } = await operator({ type: 'create_session', username: ann });
    const browser = await given.aStranger();
    expect(await browser.request({ type: 'login', session_token })).toMatchObject({ username: ann });
    await as(ann, { type: 'logout', everywhere: true });
    await browser.next({ type: 'SESSION_ENDED', code: 'logged_out_everywhere' });
    expect(await (await given.aStranger()).request({ type: 'login', session_token })).toMatchObject({
      code: 'invalid_credentials',
    });
  });

  test('acts as users whose names it spells in capitals', async () => {
    const ann = await aUser();
    expect(await as(ann.toUpperCase(), { type: ' List_Chats ' })).toMatchObject({
      status: 'list_chats_success',
    });
  });

  test('is not slowed down by what its users may do in a second', async () => {
    const ann = await aUser();
    // A sixth of a group's page would be charged to whoever asks, and 600 of them are over any user's burst.
    for (let round = 0; round < 12; round++) {
      const asked = Array.from({ length: 50 }, () => as(ann, { type: 'list_members', group_id: 'nowhere' }));
      for (const reply of await Promise.all(asked)) expect(reply).toMatchObject({ code: 'unknown_group' });
    }
  });

  test('sees to it that a user is gone, and nobody acts as them', async () => {
    const [ann, ben] = [await aUser(), await aUser()];
    await as(ann, { type: 'SEND_MESSAGE', recipient: ben, content: 'secret' });
    expect(await operator({ type: 'export_user', username: ann })).toMatchObject({
      user: { has_password: false },
      messages: [{ content: 'secret' }],
    });
    expect(await operator({ type: 'delete_user', username: ann })).toMatchObject({ messages: 1, chats: 1 });
    for (const reply of [
      await as(ann, { type: 'SEND_MESSAGE', recipient: ben, content: 'late' }),
      await operator({ type: 'create_session', username: ann }),
    ])
      expect(reply).toMatchObject({ code: 'unknown_recipient' });
    expect(await operator({ type: 'create_user', username: ann })).toMatchObject({ code: 'name_taken' });
  });

  test('can repeat a call whose function was killed at any of its calls', async () => {
    const [ann, ben] = [await aUser(), await aUser()];
    await cloud.setFaults({ seed: 1, lambda: { kill: 0.1 } });
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const sent = async (key: string) => {
      const request = {
        type: 'SEND_MESSAGE',
        recipient: ben,
        content: key,
        client_message_id: key,
        after_seq: 0,
      };
      for (;;) {
        const reply = await as(ann, request).catch(() => undefined);
        if (reply?.type === 'MESSAGE_SENT') return reply;
      }
    };
    await Promise.all(keys.map(sent)).finally(() => cloud.setFaults());
    const { messages } = (await as(ben, { type: 'fetch_history', recipient: ann })) as { messages: Fields[] };
    expect(messages.map(({ content }) => content).toSorted()).toEqual(keys.toSorted());
  });
});

test('an administrator’s commands are unknown on a socket, in any form', async () => {
  const client = await given.aUser();
  for (const { type } of operatorCommands) {
    const request = { ...operatorExamples[type].request, backend: {}, as: client.name };
    expect(await client.request(request)).toMatchObject({ code: 'unknown_type' });
    expect(await client.say(type)).toMatch(/^error There is no command/);
  }
});

test('a frame cannot make itself a backend’s call', async () => {
  const [ann, stranger] = [await given.aUser(), await given.aStranger()];
  for (const type of ['list_chats', ' List_Chats ']) {
    const request = { type, as: ann.name, backend: { as: ann.name }, request: { type: 'list_chats' } };
    expect(await stranger.request(request)).toMatchObject({ code: 'not_logged_in' });
  }
});

describe('a call is refused, and changes nothing:', () => {
  const message = { type: 'SEND_MESSAGE', recipient: 'x', content: 'x' };

  test.each([
    ['nothing', null, 'bad_request'],
    ['a list', [], 'bad_request'],
    ['a text', 'hi', 'bad_request'],
    ['no request', {}, 'bad_request'],
    ['a request that is a text', { request: 'ping' }, 'bad_request'],
    ['a request that is a list', { request: [] }, 'bad_request'],
    ['no type', { request: {} }, 'bad_request'],
    ['a number as a type', { request: { type: 7 } }, 'bad_request'],
    ['an unknown type', { request: { type: 'destroy' } }, 'unknown_type'],
    ['a misspelled "as"', { As: 'x', request: { type: 'create_user', username: 'x' } }, 'bad_request'],
    ['"as" null', { as: null, request: { type: 'create_user', username: 'x' } }, 'bad_request'],
    ['"as" empty', { as: '', request: message }, 'invalid_name'],
    ['"as" nobody', { as: 'nobody', request: message }, 'unknown_recipient'],
    ['"as" a name that is none', { as: 'no body', request: message }, 'invalid_name'],
    ['a message of the operator’s', { request: message }, 'bad_request'],
    [
      'too large a request',
      { as: 'x', request: { ...message, content: 'x'.repeat(256 * 1024) } },
      'bad_request',
    ],
  ])('%s', async (_, whole, code) => {
    expect(await call(whole)).toMatchObject({ code, reason: expect.any(String) });
  });

  test.each(operatorCommands.map(({ type }) => type))('%s as a user', async (type) => {
    const reply = await as(await aUser(), operatorExamples[type].request as Fields);
    expect(reply).toMatchObject({ code: 'not_allowed', reason: expect.stringContaining('operator') });
  });

  test.each(commands.flatMap(({ type, notAsUser }) => (notAsUser ? [[type, notAsUser] as const] : [])))(
    '%s, which needs a connection or has one of the operator’s beside it',
    async (type, why) => {
      const reply = await as(await aUser(), { type });
      expect(reply).toMatchObject({ code: 'not_allowed', reason: expect.stringContaining(why) });
    },
  );

  test.each([
    ['create_user', {}, 'bad_request'],
    ['create_user', { username: 'no name' }, 'invalid_name'],
    ['create_session', { username: 'nobody' }, 'unknown_recipient'],
    ['check_session', { session_token: 'guessed' }, 'invalid_credentials'],
    ['reset_password', { username: 'nobody', password: 'x' }, 'unknown_recipient'],
    ['delete_user', { username: 'nobody' }, 'unknown_recipient'],
    ['export_user', { username: 'nobody', next: 7 }, 'bad_request'],
    ['set_owner', { group_id: 'nowhere', username: 'x' }, 'unknown_group'],
  ])('%s with %j', async (type, fields, code) => {
    expect(await operator({ type, ...fields, request_id: 'r' })).toMatchObject({
      status: `${type}_fail`,
      code,
      request_id: 'r',
    });
  });

  test.each(['x', '["messages","x"]', '["messages","{}"]', '["chats",""]', '["pending","{}"]'])(
    'an export that goes on at %s',
    async (next) => {
      const reply = await operator({ type: 'export_user', username: await aUser(), next });
      expect(reply).toMatchObject({ code: 'bad_request' });
    },
  );
});

describe('IAM', () => {
  const invoke = async (who: object, FunctionName = functionName) => {
    const client = new LambdaClient({ ...lambda, maxAttempts: 1, ...who });
    try {
      const Payload = Buffer.from(JSON.stringify({ request: { type: 'create_user', username: 'intruder' } }));
      return await client.send(new InvokeCommand({ FunctionName, Payload }));
    } finally {
      client.destroy();
    }
  };

  test('lets nobody in who has no credentials, or wrong ones', async () => {
    const path = `${backend.endpoint}/2015-03-31/functions/${functionName}/invocations`;
    const unsigned = await fetch(path, { method: 'POST', body: '{"request":{"type":"create_user"}}' });
    expect(unsigned.status).toBe(403);
    const credentials = { ...backend, secretAccessKey: 'local', sessionToken: 'guessed' };
    await expect(invoke({ credentials })).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  test('lets nobody in who may do something else', async () => {
    const { accessKeyId, sessionToken } = cloud.administrator();
    const credentials = { accessKeyId, sessionToken, secretAccessKey: 'local' };
    await expect(invoke({ credentials })).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('lets a backend invoke no other function', async () => {
    for (const other of ['OperatorFunction', functionName.replace('ServerApi', 'SendMessage')])
      await expect(invoke({}, other)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
