import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, checkFields, limits, parseObject, readFrame, usageOf } from '../../protocol/index.ts';
import { anyText } from './any-text.ts';
import { refusalOf } from './refusal.ts';

/** What a rule would be handed: the command's type and its checked fields, or the refusal. */
function read(body: string) {
  const { command, input, problem } = readFrame(body);
  if (problem || !command) return problem;
  return refusalOf(() => checkFields(command as Command, input)) ?? checkFields(command as Command, input);
}

// RFC 7519, section 3.1, with a shorter payload.
const JWT =
  'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

describe('JSON', () => {
  test.each([
    ['as the published sample prints it', '{"type": " SEND_MESSAGE ", "recipient": "bob", "content": "hi"}'],
    ['in another case', '{"type":"send_message","recipient":"BOB","content":"hi"}'],
    ['after blanks', ' \n\t{"type":"SEND_MESSAGE","recipient":"bob","content":"hi"}'],
    ['with trailing commas', '{"type":"SEND_MESSAGE","recipient":"bob","content":"hi", \n }'],
    ['with fields that nobody knows', '{"type":"SEND_MESSAGE","recipient":"bob","content":"hi","x":[{}]}'],
    ['with null for absent', '{"type":"SEND_MESSAGE","recipient":"bob","content":"hi","after_seq":null}'],
  ])('is understood %s', (_, body) => {
    expect(readFrame(body).command?.type).toBe('SEND_MESSAGE');
    expect(read(body)).toEqual({ recipient: 'bob', content: 'hi' });
  });

  test('keeps commas and brackets within strings, even where commas are forgiven', () => {
    const content = 'a,} b,] \\",} c';
    const body = `{"content":${JSON.stringify(content)},"list":[1,2,],}`;
    expect(parseObject(body)).toEqual({ content, list: [1, 2] });
  });

  test.each([
    ['{"recipient":"bob"}', 'bad_request', '"type" is missing.'],
    ['{"type":7}', 'bad_request', '"type" must be a string.'],
    ['{"type":" "}', 'bad_request', '"type" is empty.'],
    [
      '{"type":"SEND_GROUP_MESSAGE","groupname":7,"content":"x"}',
      'bad_request',
      '"groupname" must be a string.',
    ],
    ['{"type":"join_group","groupname":"-"}', 'invalid_name', '"groupname"'],
    ['{"type":"SEND_GROUP_MESSAGE","content":"x"}', 'bad_request', '"group_id" is missing.'],
    ['{"type":"fetch_history","recipient":"bob","start_time":"2024-02-30"}', 'bad_request', '"start_time"'],
    [
      '{"type":"fetch_history","recipient":"bob","end_time":"2023-02-29T00:00:00Z"}',
      'bad_request',
      '"end_time"',
    ],
    ['{"type":"shout"}', 'unknown_type', 'There is no command "shout". Try: help'],
    ['{"type":"ping"', 'bad_request', 'The frame is not a JSON object.'],
    ['{"type":"ping",,}', 'bad_request', 'The frame is not a JSON object.'],
    ['{"type":"login","username":7}', 'bad_request', '"username" must be a string.'],
    [
      '{"type":"ping","request_id":7}',
      'bad_request',
      '"request_id" must be a string of at most 64 characters.',
    ],
    ['{"type":"sync","cursors":{"#team":"5"}}', 'bad_request', '"cursors.#team" must be a number.'],
    [
      '{"type":"sync","cursors":{"#team":-1}}',
      'bad_request',
      '"cursors.#team" must be a whole number from 0.',
    ],
    ['{"type":"register","username":"ann","password":""}', 'bad_request', '"password" must not be empty'],
    [
      '{"type":"register","username":"ann","password":"\\ud800"}',
      'bad_request',
      '"password" must be well-formed',
    ],
  ])('%s is refused as %s', (body, code, message) => {
    expect(read(body)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('that is an array or a plain value is no command', () => {
    for (const body of ['[]', 'null', '7', '"ping"', '']) {
      expect(refusalOf(() => parseObject(body))).toMatchObject({ code: 'bad_request' });
    }
  });

  test('an alias counts only if the field itself is absent', () => {
    const join = (fields: object) => read(JSON.stringify({ type: 'join_group', ...fields }));
    expect(join({ groupname: 'Team' })).toEqual({ group_id: 'team' });
    expect(join({ group_id: 'a', groupname: 'b' })).toEqual({ group_id: 'a' });
    expect(join({ group_id: null, groupname: 'b' })).toEqual({ group_id: 'b' });
    expect(join({ group_id: '', groupname: 'b' })).toMatchObject({ code: 'invalid_name' });
  });
});

describe('text', () => {
  test.each([
    ['ping', 'ping', {}],
    ['  PING\r\n', 'ping', {}],
    ['login ann', 'login', { username: 'ann' }],
    ['login ann secret', 'login', { username: 'ann', password: 'secret' }],
    [`login ${JWT}`, 'login', { token: JWT }],
    // The longest name that looks like one.
    ['login eyJaaaaaaaaaaaaaaaaaaaaaaaaa.b.c', 'login', { username: 'eyjaaaaaaaaaaaaaaaaaaaaaaaaa.b.c' }],
    ['logout everywhere', 'logout', { everywhere: true }],
    ['change_password fresh', 'change_password', { new_password: 'fresh' }],
    ['change_password old fresh', 'change_password', { old_password: 'old', new_password: 'fresh' }],
    ['login\t ann \n', 'login', { username: 'ann' }],
    ['send bob  two  words  ', 'SEND_MESSAGE', { recipient: 'bob', content: 'two  words  ' }],
    ['send bob one\ntwo\n\n', 'SEND_MESSAGE', { recipient: 'bob', content: 'one\ntwo' }],
    ['send bob \u3000\u00a0x', 'SEND_MESSAGE', { recipient: 'bob', content: '\u3000\u00a0x' }],
    ['send bob {"a":1}', 'SEND_MESSAGE', { recipient: 'bob', content: '{"a":1}' }],
    ['create_group Team', 'create_group', { group_name: 'team' }],
    ['fetch_history bob 2026-01-31', 'fetch_history', { recipient: 'bob', start_time: '2026-01-31' }],
    ['sync', 'sync', {}],
    ['sync ann:bob=3 #team=5', 'sync', { cursors: { 'ann:bob': 3, '#team': 5 } }],
    ['sync #a=1 from #team=5', 'sync', { cursors: { '#a': 1 }, from_chat: '#team', from_seq: 5 }],
    ['sync from #team', 'sync', { cursors: {}, from_chat: '#team' }],
  ])('%j', (body, type, fields) => {
    expect(readFrame(body)).toMatchObject({ form: 'text', command: { type } });
    expect(read(body)).toEqual(fields);
  });

  test.each([
    ['', 'bad_request', 'The frame is empty. Try: help'],
    [' \n', 'bad_request', 'The frame is empty. Try: help'],
    ['hello there', 'unknown_type', 'There is no command "hello". Try: help'],
    ['[1]', 'unknown_type', 'There is no command "[1]". Try: help'],
    ['ping pong', 'bad_request', 'Too many words. The form is: ping'],
    ['join_group a b', 'bad_request', 'Too many words. The form is: join_group GROUP_ID'],
    ['register', 'bad_request', '"username" is missing.'],
    ['login ann my secret', 'bad_request', 'Too many words. The form is: login USER [PASSWORD]'],
    [`login ${JWT} secret`, 'invalid_name', '"username"'],
    ['logout here', 'bad_request', '"everywhere" must be a boolean.'],
    ['send bob', 'bad_request', '"content" is missing.'],
    ['sync nonsense', 'bad_request', '"cursors" must be by chat id, like #team or user1:user2.'],
    ['sync from', 'bad_request', '"cursors" must be by chat id, like #team or user1:user2.'],
    ['sync from team', 'bad_request', '"from_chat" must be a chat id, like #team or user1:user2.'],
    ['sync from #team=x', 'bad_request', '"from_seq" must be a number.'],
    ['sync ann:bob', 'bad_request', '"cursors.ann:bob" must be a number.'],
    ['sync #team=', 'bad_request', '"cursors.#team" must be a number.'],
    ['SEND_GROUP_MESSAGE team hi', 'unknown_type', 'no command "SEND_GROUP_MESSAGE"'],
  ])('%j is refused as %s', (body, code, message) => {
    expect(read(body)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('quotes an unknown word in part, without terminal commands', () => {
    const { problem } = readFrame(`\u001b[2J${'x'.repeat(100)}`);
    expect(problem?.message).toMatch(/^There is no command "\\u001b\[2Jx{36}"\. Try: help$/);
  });

  test('calls a command without a line by its type', () => {
    const line = { type: 'x', text: undefined } as unknown as Command;
    expect(usageOf(line)).toBe('x');
  });
});

describe('any input', () => {
  const lines = fc
    .tuple(fc.constantFrom('send', 'login', 'sync', 'fetch_history', ''), fc.string())
    .map((w) => w.join(' '));
  const objects = fc.json().map((json) => `{"type":"sync","cursors":${json},"content":${json},}`);

  test('is understood or refused, and no other error is thrown', () => {
    const refusals = new Set(['bad_request', 'unknown_type', 'invalid_name', 'content_too_large']);
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.json(), lines, objects), (body) => {
        const result = read(body);
        if (result instanceof Error) expect(refusals).toContain((result as { code?: string }).code);
        else expect(result).toBeTypeOf('object');
      }),
      { numRuns: 2_000 },
    );
  });

  // Each took 10 seconds and more when an expression met every one of these characters with a scan to the end.
  test.each([
    ['open strings', '{', '\\"', ''],
    ['line ends', 'ping x', '\n', 'x'],
    ['commas', '{', ',  ', ''],
    ['blanks', 'send', ' ', 'x'],
    ['deep arrays', '{"type":', '[', ''],
    ['cursors', 'sync', ' a=', ''],
  ])('128 KB of %s are read without delay', (_, head, unit, tail) => {
    const body = head + unit.repeat((128 * 1024) / unit.length) + tail;
    expect(read(body)).toMatchObject({ code: 'bad_request' });
  });

  test.each([
    '',
    'team',
    '#',
    '#Team',
    ':',
    'ann:',
    ':bob',
    'ann:bob:carol',
    '#team\n',
    '\ud800',
    `#${'x'.repeat(33)}`,
    'x'.repeat(3_000),
  ])('a cursor belongs to a chat, and %j is none', (chat) => {
    const refusal = read(JSON.stringify({ type: 'sync', cursors: { 'ann:bob': 1, [chat]: 1 } }));
    expect(refusal).toMatchObject({
      code: 'bad_request',
      message: '"cursors" must be by chat id, like #team or user1:user2.',
    });
  });

  test('a login with as many cursors as allowed fits into one message of API Gateway', () => {
    const chat = (index: number) => `${'a'.repeat(32)}:${String(index).padStart(32, 'b')}`;
    const cursors = Object.fromEntries(
      Array.from({ length: limits.cursors }, (_, index) => [chat(index), Number.MAX_SAFE_INTEGER]),
    );
    const login = {
      ...{ type: 'login', username: 'a'.repeat(32), password: '\u0001'.repeat(256), cursors },
      ...{ session_token: '\u0001'.repeat(128), to_chat: chat(0), request_id: '\u0001'.repeat(64) },
      token: 'a'.repeat(limits.jwtLength),
    };
    const frame = JSON.stringify(login);
    expect(frame.length).toBeLessThanOrEqual(128 * 1024);
    expect(read(frame)).toHaveProperty('cursors', cursors);
  });

  test('a request may name the maximum of cursors, and not one more', () => {
    const cursors = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`#g${i}`, i]));
    const body = (count: number) => JSON.stringify({ type: 'sync', cursors: cursors(count) });
    expect(read(body(limits.cursors))).toEqual({ cursors: cursors(limits.cursors) });
    expect(read(body(limits.cursors + 1))).toMatchObject({ code: 'bad_request' });
  });
});
