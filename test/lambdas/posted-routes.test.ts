import { describe, expect, test, vi } from 'vitest';
import { passwordsAndTokens } from '../../lambdas/runtime/passwords.ts';
import { gateway } from '../../lambdas/runtime/ports.ts';
import type { Handler } from '../../lambdas/runtime/route.ts';
import { commandRoutes } from '../../lib/functions.ts';
import { examples } from '../../protocol/index.ts';
import { BatchGetCommand, DeleteCommand, PutCommand, UpdateCommand } from '../../store/documents.ts';
import { conditionFailed, serverError } from '../store/aws-errors.ts';
import { contextOf, eventOf } from '../support/event.ts';
import { dynamo, given, logged, measured, reply } from './aws.ts';
import { commandHandler, handlerOf } from './handlers.ts';
import { http } from './http.ts';

const byDefault = handlerOf('defaultRoute');
const onDisconnect = handlerOf('disconnect');

describe('$default', () => {
  test.each([
    ['ping', 'pong'],
    ['hello', 'error There is no command "hello". Try: help'],
    ['', 'error The frame is empty. Try: help'],
    ['{"type":"PING","request_id":"r"}', /^{"type":"pong","status":"pong",.*"request_id":"r"}$/],
    ['{"type":"shout","request_id":"r"}', /"code":"unknown_type",.*"request_id":"r"}$/],
    ['{"type":', /"code":"bad_request"/],
    ['send bob hi', 'send_fail Log in first.'],
    ['register .', /^register_fail "username" must be/],
    ['register ann', 'register_success'],
    ['register ann smith', /^register_success\n.*password/],
  ])('%j', async (body, answer) => {
    expect(await reply(byDefault, body)).toMatch(answer);
    expect(http.postedTo('c1')).toHaveLength(1);
  });

  test('answers an event without a body like an empty frame', async () => {
    await byDefault(eventOf('c1'), contextOf());
    expect(http.postedTo('c1')).toEqual(['error The frame is empty. Try: help']);
  });

  test('sends a line to a group', async () => {
    given({ loggedIn: { c1: 'ann' }, groups: ['team'], members: { '#team': ['ann'] } });
    expect(await reply(byDefault, 'send team hi')).toBe('send_success');
    expect(dynamo).toHaveReceivedCommandExactlyOnceWith(PutCommand, {
      Item: expect.objectContaining({ chat_id: '#team', content: 'hi' }),
    });
  });

  test('ends an unknown error in a line with the id to quote', async () => {
    dynamo.onAnyCommand().rejects(new TypeError('ours'));
    expect(await reply(byDefault, 'send bob hi')).toBe(
      'send_fail Something failed on our side. Quote aws-request.',
    );
    expect(logged).toMatchObject([{ level: 'error', form: 'text', error: { name: 'TypeError' } }]);
  });

  test('loses the reply of a client that is gone, and nothing else happens', async () => {
    http.answers(410);
    await expect(byDefault(eventOf('c1', 'ping'), contextOf())).resolves.toEqual({ statusCode: 200 });
  });
});

describe('commands that hash passwords, which come past the throttle of their routes', () => {
  const hashing = commandRoutes.flatMap(({ route: { hashesPasswords, command } }) =>
    hashesPasswords ? [[command.type, command] as const] : [],
  );

  /** The bucket of all of them is full. */
  const full = () => {
    const item = { id: 'passwords by typed lines of everybody', level: 1e9, at: Date.now() };
    dynamo.on(BatchGetCommand).callsFake(({ RequestItems }) => {
      const isAsked = RequestItems.levels?.Keys.some(({ id }: { id: string }) => id === item.id);
      return { Responses: { levels: isAsked ? [item] : [] } };
    });
  };

  test('are those of passwords', () => {
    expect(hashing.map(([type]) => type).toSorted()).toEqual([
      'change_password',
      'delete_account',
      'login',
      'register',
    ]);
  });

  test.each(hashing)('%s by $default is limited, by its own route it is not', async (type, command) => {
    given({ loggedIn: { c1: 'user1' }, users: ['user1'] });
    full();
    vi.spyOn(passwordsAndTokens, 'hash').mockResolvedValue('hash');
    vi.spyOn(passwordsAndTokens, 'matches').mockResolvedValue(true);
    const request = { ...examples[type].request, type: type.toUpperCase() };
    const codeOf = (frame: string | undefined) => JSON.parse(frame ?? '{}').code;
    const ask = async (handler: Handler, frame: object) => {
      http.forget();
      return codeOf(await reply(handler, frame));
    };
    const codes: string[] = [];
    // An instance admits fewer than 20 before it looks at the bucket that all share.
    for (let time = 0; time < 20; time++) codes.push(await ask(byDefault, request));
    expect(codes.at(-1)).toBe('rate_limited');
    for (let time = 0; time < 20; time++)
      expect(await ask(commandHandler(command), examples[type].request)).not.toBe('rate_limited');
    const lines: Partial<Record<typeof type, string>> = {
      change_password: 'change_password old new',
      delete_account: 'delete_account secret',
    };
    const line = lines[type] ?? `${type} ann secret`;
    http.forget();
    expect(await reply(byDefault, line)).toMatch(/_fail Too many passwords by typed lines/);
  });
});

describe('a reply by a post', () => {
  test('is repeated when a gateway throttles', async () => {
    http.answers(() => (http.requests.length <= 2 ? 429 : 200));
    await byDefault(eventOf('c1', 'ping'), contextOf());
    expect(http.postedTo('c1')).toEqual(['pong', 'pong', 'pong']);
    expect(http.closed).toEqual([]);
  });

  test.each([429, 500])(
    'that cannot be posted (%i) ends the connection, so that its client stops waiting',
    async (status) => {
      http.answers(({ method }) => (method === 'POST' ? status : 200));
      const nearlyOver = { ...contextOf(), getRemainingTimeInMillis: () => 10_000 };
      await expect(byDefault(eventOf('c1', 'ping'), nearlyOver)).resolves.toEqual({ statusCode: 200 });
      expect(http.closed).toEqual(['c1']);
    },
  );
});

describe('login', () => {
  const log = async () => reply(handlerOf('login'), { type: 'login', username: 'ann', request_id: 'r1' });
  const pending = { username: 'ann', connections: {}, pending: { 'ann:bob': 7 } };
  const message = { seq: 7, id: 'm7', sender: 'bob', content: 'hi', at: 0 };
  const connect = { UpdateExpression: 'SET connections.#connection = :device' };
  const settled = { UpdateExpression: 'REMOVE pending.#c0, has_pending' };

  test('posts one reply with what is pending, and acknowledges the pointers after that', async () => {
    given({ users: ['ann'], history: { 'ann:bob': [message] } });
    dynamo.on(UpdateCommand, connect).resolves({ Attributes: pending });
    expect(JSON.parse((await log()) ?? '')).toMatchObject({
      type: 'login_response',
      status: 'login_success',
      request_id: 'r1',
      pending_messages: [{ message_id: 'm7', seq: 7, content: 'hi' }],
    });
    expect(http.postedTo('c1')).toHaveLength(1);
    expect(dynamo).toHaveReceivedCommandWith(UpdateCommand, settled);
  });

  test.each([
    ['gone', 410],
    ['out of reach', 503],
  ])('of a client that is %s by then leaves everything pending, and nobody logged in', async (_, status) => {
    given({ users: ['ann'], history: { 'ann:bob': [message] } });
    dynamo.on(UpdateCommand, connect).resolves({ Attributes: pending });
    http.answers(({ method }) => (method === 'POST' ? status : 200));
    await log();
    const names = { '#connection': 'c1' };
    const takenOut = {
      UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
      ExpressionAttributeNames: names,
    };
    expect(dynamo).toHaveReceivedCommandWith(UpdateCommand, takenOut);
    const updates = dynamo.commandCalls(UpdateCommand).map(({ args: [{ input }] }) => input.UpdateExpression);
    expect(updates).not.toContain(settled.UpdateExpression);
  });

  test('as somebody else on the same connection is refused', async () => {
    given({ users: ['ann'] });
    dynamo.on(PutCommand).rejects(conditionFailed());
    expect(JSON.parse((await log()) ?? '')).toMatchObject({
      status: 'login_fail',
      code: 'already_logged_in',
    });
    expect(dynamo).toHaveReceivedCommandTimes(UpdateCommand, 0);
  });
});

describe('$disconnect', () => {
  const disconnect = () => onDisconnect(eventOf('c1', undefined, '$disconnect'), contextOf());

  test('removes the connection from its user’s inbox, then deletes its row', async () => {
    given({ loggedIn: { c1: 'ann' } });
    await expect(disconnect()).resolves.toEqual({ statusCode: 200 });
    expect(dynamo).toHaveReceivedNthCommandWith(UpdateCommand, 1, {
      Key: { username: 'ann' },
      UpdateExpression: 'SET last_seen = :seen REMOVE connections.#connection ADD ended :one',
      ExpressionAttributeNames: { '#connection': 'c1' },
    });
    expect(dynamo).toHaveReceivedNthCommandWith(DeleteCommand, 1, { Key: { connection_id: 'c1' } });
  });

  test('of a connection that never logged in writes nothing', async () => {
    await disconnect();
    expect(dynamo.calls()).toHaveLength(1);
  });

  test('that fails is an error that Lambda counts', async () => {
    given({ loggedIn: { c1: 'ann' } });
    dynamo.on(UpdateCommand).rejects(serverError());
    await expect(disconnect()).rejects.toThrow('DynamoDB: InternalServerError');
    expect(dynamo).toHaveReceivedCommandTimes(DeleteCommand, 0);
  });
});

describe('the gateway', () => {
  const ports = { gateway: gateway('POST', 'DELETE', 'GET').make() };

  test('posts a frame unchanged', async () => {
    await expect(ports.gateway.post('c2', 'hi')).resolves.toBe('taken');
    expect(http.requests).toEqual([{ method: 'POST', connectionId: 'c2', frame: 'hi' }]);
  });

  test('reports a connection as open if it finds it', async () => {
    await expect(ports.gateway.isOpen('c2')).resolves.toBe(true);
    expect(http.requests).toEqual([{ method: 'GET', connectionId: 'c2', frame: undefined }]);
  });

  test.each([
    ['gone', 410, []],
    ['throttled', 429, ['warn']],
    ['failed', 500, ['warn']],
    ['failed', 503, ['warn']],
    ['failed', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), ['warn']],
    ['failed', Object.assign(new Error('too late'), { name: 'TimeoutError' }), ['warn']],
    ['failed', Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }), ['warn']],
    // What a retry cannot mend is a mistake of ours, which an alarm shows.
    ['failed', 400, ['error']],
    ['failed', 403, ['error']],
    ['failed', 413, ['error']],
  ] as const)('answers %s to %s, and logs other errors', async (answer, status, levels) => {
    http.answers(status);
    await expect(ports.gateway.post('c2', 'hi')).resolves.toBe(answer);
    await expect(ports.gateway.close('c2')).resolves.toBeUndefined();
    await expect(ports.gateway.isOpen('c2')).resolves.toBe(answer !== 'gone');
    const lines = [...levels, ...levels, ...levels];
    expect(logged).toMatchObject(lines.map((level) => ({ level, connection_id: 'c2' })));
  });

  test('counts an error that no retry can fix as our failure', async () => {
    // What the tests above counted goes out with the next line.
    await byDefault(eventOf('c1', 'ping'), contextOf());
    measured.length = 0;
    http.answers(({ method }) => (method === 'POST' ? 403 : 200));
    await byDefault(eventOf('c1', 'ping'), contextOf());
    expect(measured).toContainEqual(expect.objectContaining({ 'Failures.internal_error': 1 }));
  });

  test.each([
    new TypeError('ours'),
    Object.assign(new Error('ours'), { code: 'ERR_INVALID_ARG_TYPE' }),
    Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }),
  ])('throws a mistake of this program as it is: $message', async (error) => {
    http.answers(error);
    await expect(ports.gateway.post('c2', 'hi')).rejects.toBe(error);
    await expect(ports.gateway.close('c2')).rejects.toBe(error);
    await expect(ports.gateway.isOpen('c2')).rejects.toBe(error);
  });
});
