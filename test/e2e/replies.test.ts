import { describe, expect, test } from 'vitest';
import { plain } from '../support/frame.ts';
import { given, unique } from '../support/given.ts';
import { REASON, STAMP, UUID } from '../support/shapes.ts';

describe('each command succeeds with exactly its fields', () => {
  test('register', async () => {
    const [user, name] = [await given.aStranger(), unique('new')];
    expect(await user.request({ type: 'register', username: name, request_id: 'a' })).toEqual({
      type: 'registration_response',
      status: 'register_success',
      username: name,
      request_id: 'a',
    });
  });

  test('login', async () => {
    const [user, name] = [await given.aStranger(), await given.someoneAway()];
    expect(await user.request({ type: 'login', username: name, request_id: 'b' })).toEqual({
      type: 'login_response',
      status: 'login_success',
      username: name,
      pending_messages: [],
      groups: [],
      session_token: expect.stringMatching(/^[\w-]{43}$/),
      session_expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      request_id: 'b',
    });
  });

  test('logout', async () => {
    const user = await given.aUser();
    expect(await user.request({ type: 'logout', request_id: 'c' })).toEqual({
      type: 'logout_response',
      status: 'logout_success',
      request_id: 'c',
    });
  });

  test('SEND_MESSAGE and SEND_GROUP_MESSAGE', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const group = await given.aGroup(user);
    const sent = { status: 'send_success', message_id: UUID, seq: 1, timestamp: STAMP, request_id: 'd' };
    expect(
      await user.request({ type: 'SEND_MESSAGE', recipient: friend, content: 'x', request_id: 'd' }),
    ).toEqual({ type: 'MESSAGE_SENT', chat_id: [user.name, friend].sort().join(':'), ...sent });
    expect(
      await user.request({ type: 'SEND_GROUP_MESSAGE', groupname: group, content: 'x', request_id: 'd' }),
    ).toEqual({ type: 'GROUP_MESSAGE_SENT', chat_id: `#${group}`, ...sent });
  });

  test('fetch_history', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const {
      type: _,
      status,
      request_id,
      ...sent
    } = await user.request({
      type: 'SEND_MESSAGE',
      recipient: friend,
      content: 'x',
    });
    expect(await user.request({ type: 'fetch_history', recipient: friend, request_id: 'e' })).toEqual({
      type: 'history',
      status: 'history',
      recipient: friend,
      messages: [{ ...sent, sender: user.name, recipient: friend, content: 'x' }],
      request_id: 'e',
    });
  });

  test('create_group, join_group, leave_group', async () => {
    const [user, group] = [await given.aUser(), unique('team')];
    expect(plain(await user.request({ type: 'create_group', group_name: group }))).toEqual({
      type: 'create_group_response',
      status: 'create_group_success',
      group_id: group,
      groupname: group,
    });
    expect(plain(await user.request({ type: 'join_group', group_id: group }))).toEqual({
      type: 'join_group_response',
      status: 'join_group_success',
      group_id: group,
    });
    expect(plain(await user.request({ type: 'leave_group', group_id: group }))).toEqual({
      type: 'leave_group_response',
      status: 'leave_group_success',
      group_id: group,
    });
  });

  test('ping and help, to anybody', async () => {
    const stranger = await given.aStranger();
    expect(await stranger.request({ type: 'ping', request_id: 'f' })).toEqual({
      type: 'pong',
      status: 'pong',
      timestamp: STAMP,
      request_id: 'f',
    });
    const help = await stranger.request({ type: 'help' });
    expect(plain(help)).toEqual({ type: 'help', status: 'help', lines: expect.any(Array) });
    for (const word of ['register', 'login', 'logout', 'send', 'fetch_history', 'ping', 'help']) {
      expect(help.lines?.join('\n')).toContain(word);
    }
  });
});

describe('spellings', () => {
  test.each(['create_group', 'join_group', 'leave_group', 'fetch_history', 'SEND_GROUP_MESSAGE'])(
    '%s takes groupname and group_id',
    async (type) => {
      const user = await given.aUser();
      for (const field of ['groupname', type === 'create_group' ? 'group_name' : 'group_id']) {
        const group = type === 'create_group' ? unique('team') : await given.aGroup(user);
        const reply = await user.request({ type, [field]: group, content: 'x' });
        expect(reply.code).toBeUndefined();
      }
    },
  );

  test.each(['PING', ' ping ', 'Ping', '\tpInG\n'])('the type %j is ping', async (type) => {
    const stranger = await given.aStranger();
    expect(await stranger.request({ type })).toMatchObject({ type: 'pong', timestamp: STAMP });
  });

  test.each(['REGISTER', ' register', 'Register '])(
    'the type %j is register, and its failure is a register_fail',
    async (type) => {
      const stranger = await given.aStranger();
      expect(plain(await stranger.request({ type, username: '-' }))).toEqual({
        type: 'registration_response',
        status: 'register_fail',
        code: 'invalid_name',
        reason: 'for people',
      });
    },
  );

  test('an odd spelling of every other command runs it', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const group = await given.aGroup(user);
    const ask = async (request: object) => (await user.request(request)).status;
    expect(await ask({ type: 'send_message', recipient: friend, content: 'x' })).toBe('send_success');
    expect(await ask({ type: 'Send_Group_Message ', groupname: group, content: 'x' })).toBe('send_success');
    expect(await ask({ type: ' fetch_history ', recipient: friend })).toBe('history');
    expect(await ask({ type: ' JOIN_GROUP', group_id: group })).toBe('join_group_success');
    expect(await ask({ type: 'LEAVE_GROUP', group_id: group })).toBe('leave_group_success');
    expect(await ask({ type: ' HELP' })).toBe('help');
    expect(await ask({ type: 'Login', username: user.name })).toBe('login_success');
    expect(await ask({ type: 'LOGOUT' })).toBe('logout_success');
  });

  test('unknown fields are ignored, and null is as good as absent', async () => {
    const [user, friend] = [await given.aUser(), await given.someoneAway()];
    const extras = { colour: 'red', nested: { type: 'logout' }, after_seq: null, request_id: null };
    user.send(JSON.stringify({ type: 'SEND_MESSAGE', recipient: friend, content: 'x', ...extras }));
    expect(await user.next({ type: 'MESSAGE_SENT' })).not.toHaveProperty('request_id');
    expect((await user.request({ type: 'fetch_history', recipient: friend })).messages).toHaveLength(1);
  });
});

describe('the request_id', () => {
  test.each(['x', 'ü'.repeat(64), '"\\\u0001', ' '])('%j comes back in success and failure', async (id) => {
    const stranger = await given.aStranger();
    for (const request of [{ type: 'ping' }, { type: 'logout' }, { type: 'login', username: '-' }]) {
      expect(await stranger.request({ ...request, request_id: id })).toHaveProperty('request_id', id);
    }
    expect(await stranger.request({ type: 'nonsense', request_id: id })).toMatchObject({ type: 'error' });
  });

  test.each([['x'.repeat(65)], [7], [{}], [['a']], [true]])('%j is refused, and not echoed', async (id) => {
    const stranger = await given.aStranger();
    for (const type of ['ping', 'PING', 'register']) {
      const reply = await stranger.ask(JSON.stringify({ type, username: unique('x'), request_id: id }));
      expect(reply).toMatchObject({ code: 'bad_request', reason: expect.stringContaining('request_id') });
      expect(reply).not.toHaveProperty('request_id');
    }
  });
});

test('every fail reply has a status, a code, and a readable reason', async () => {
  const stranger = await given.aStranger();
  expect(await stranger.request({ type: 'logout', request_id: 'x' })).toEqual({
    type: 'logout_response',
    status: 'logout_fail',
    code: 'not_logged_in',
    reason: REASON,
    request_id: 'x',
  });
});
