import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { plain } from '../support/frame.ts';
import { type Client, given } from '../support/given.ts';

const KIB_16 = 16 * 1024;
const error = (code: string) => ({ type: 'error', status: 'error', code, reason: 'for people' });

/** The connection still answers, and nothing else came. */
const expectAlive = async (client: Client) =>
  expect(await client.request({ type: 'ping' })).toHaveProperty('type', 'pong');

describe('a frame that is no command gets an error in its own form', () => {
  test.each([
    ['half an object', '{"type":', 'bad_request'],
    ['a brace', '{', 'bad_request'],
    ['an object and more', '{"type":"ping"} {"type":"ping"}', 'bad_request'],
    ['single quotes', "{'type':'ping'}", 'bad_request'],
    ['a comma too many', '{"type":"ping",,}', 'bad_request'],
    ['NaN', '{"type":"ping","x":NaN}', 'bad_request'],
    ['no type', '{}', 'bad_request'],
    ['no type, but fields', '{"username":"ann"}', 'bad_request'],
    ['type null', '{"type":null}', 'bad_request'],
    ['type 1', '{"type":1}', 'bad_request'],
    ['type true', '{"type":true}', 'bad_request'],
    ['type an object', '{"type":{"type":"ping"}}', 'bad_request'],
    ['type an array', '{"type":["ping"]}', 'bad_request'],
    ['a type in the prototype', '{"__proto__":{"type":"ping"}}', 'bad_request'],
    ['an unclosed nest', `{"type":"ping","x":${'['.repeat(5000)}`, 'bad_request'],
    ['an empty type', '{"type":""}', 'bad_request|unknown_type'],
    ['an unknown type', '{"type":"teleport"}', 'unknown_type'],
    ['a push as a request', '{"type":"RECEIVE_MESSAGE"}', 'unknown_type'],
    ['a route key of the service', '{"type":"$default"}', 'unknown_type'],
    ['another one', '{"type":"$connect"}', 'unknown_type'],
    ['and another', '{"type":"$disconnect"}', 'unknown_type'],
    ['__proto__', '{"type":"__proto__"}', 'unknown_type'],
    ['constructor', '{"type":"constructor"}', 'unknown_type'],
    ['toString', '{"type":"toString"}', 'unknown_type'],
    ['a long type', `{"type":"${'x'.repeat(20_000)}"}`, 'unknown_type'],
  ])('%s', async (_, frame, codes) => {
    const stranger = await given.aStranger();
    const reply = await stranger.ask(frame);
    expect(codes.split('|')).toContain(reply.code);
    expect(plain(reply)).toEqual(error(reply.code ?? ''));
    expect(reply.reason?.length).toBeLessThan(300);
    await expectAlive(stranger);
  });

  test.each([
    ['an empty frame', ''],
    ['spaces', '   '],
    ['a line break', '\n'],
    ['an array', '["ping"]'],
    ['an empty array', '[]'],
    ['a JSON string', '"ping"'],
    ['a number', '42'],
    ['null', 'null'],
    ['a word', 'teleport'],
    ['__proto__ as a line', '__proto__'],
    ['constructor as a line', 'constructor x'],
    ['a null character', '\u0000'],
    ['a long word', 'x'.repeat(20_000)],
    ['an emoji', '👋'],
    ['SEND_MESSAGE as a line', 'SEND_MESSAGE ann hi'],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n'],
  ])('%s is a line, and so is its answer', async (_, line) => {
    const stranger = await given.aStranger();
    expect(await stranger.say(line)).toMatch(/^error \S.{4,200} Try: help$/);
    await expectAlive(stranger);
  });

  test('an error frame echoes the request_id', async () => {
    const stranger = await given.aStranger();
    expect(await stranger.request({ type: 'teleport', request_id: 'x' })).toMatchObject({
      ...error('unknown_type'),
      reason: expect.any(String),
      request_id: 'x',
    });
  });
});

test.each(['$connect', '$disconnect'])(
  'a frame of type %s neither starts nor ends anything',
  async (type) => {
    const [user, friend] = await given.users(2);
    expect(await friend.request({ type })).toMatchObject({
      ...error('unknown_type'),
      reason: expect.any(String),
    });
    await user.request({ type: 'SEND_MESSAGE', recipient: friend.name, content: 'still there?' });
    expect(await friend.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'still there?');
    expect(await friend.request({ type: 'list_chats' })).toHaveProperty('status', 'list_chats_success');
  },
);

describe('an odd but valid frame succeeds', () => {
  test.each([
    ['spaces around', '  {"type":"ping"}  '],
    ['a trailing comma', '{"type":"ping",}'],
    ['a trailing comma in an array', '{"type":"ping","x":[1,2,],}'],
    ['the same key twice', '{"type":"teleport","type":"ping"}'],
    ['an escaped type', '{"type":"\\u0070ing"}'],
    ['a deep nest', `{"type":"ping","x":${'['.repeat(8000)}${']'.repeat(8000)}}`],
    ['prototype keys', '{"type":"ping","__proto__":{"a":1},"constructor":{"prototype":{}},"toString":1}'],
    ['a huge number', '{"type":"ping","x":1e999}'],
  ])('%s', async (_, frame) => {
    const stranger = await given.aStranger();
    expect(await stranger.ask(frame)).toHaveProperty('type', 'pong');
  });

  test('a comma before a bracket inside a string is kept', async () => {
    const [user, friend] = await given.users(2);
    const content = 'a,} b, ] "c,}" \\,}';
    const frame = JSON.stringify({ type: 'SEND_MESSAGE', recipient: friend.name, content });
    await user.ask(frame.replace(/}$/, ',}'));
    expect(await friend.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', content);
  });
});

describe('content is kept byte for byte', () => {
  const fill = (pattern: string) => {
    const bytes = Buffer.byteLength(pattern);
    const text = pattern.repeat(Math.floor(KIB_16 / bytes));
    return text + 'x'.repeat(KIB_16 - Buffer.byteLength(text));
  };
  test.each([
    ['one character', 'x'],
    ['a space', ' '],
    ['16 KiB', fill('x')],
    ['16 KiB of three-byte characters', fill('€')],
    ['16 KiB of four-byte characters', fill('😀')],
    ['16 KiB of quotes and backslashes', fill('"\\')],
    ['16 KiB of control characters', fill('\u0000\u0001\b\t\n\r\u001f\u007f')],
    ['line separators', fill('a\u2028b\u2029')],
    ['combining marks, as they are', 'e\u0301 \u00e9 \u212A \uFEFF'],
    ['what looks like JSON', '{"type":"logout"}'],
    ['what looks like an expression', '#a = :b <script>alert(1)</script> $x {{y}}'],
  ])('%s', async (_, content) => {
    const [user, friend] = await given.users(2);
    const sent = await user.request({ type: 'SEND_MESSAGE', recipient: friend.name, content });
    expect(sent.status).toBe('send_success');
    const received = await friend.next({ type: 'RECEIVE_MESSAGE' });
    expect(received.content === content).toBe(true); // a diff of 16 KiB helps nobody
    const { messages } = await friend.request({ type: 'fetch_history', recipient: user.name });
    expect(messages?.map((message) => message.content === content)).toEqual([true]);
  });

  test.each([
    ['one byte more than 16 KiB', `${'x'.repeat(KIB_16)}x`],
    ['one character more, of three bytes each', `${fill('€')}x`],
    ['16 K characters of two bytes', 'é'.repeat(KIB_16)],
  ])('%s is content_too_large', async (_, content) => {
    const [user, friend] = await given.users(2);
    const reply = await user.request({ type: 'SEND_MESSAGE', recipient: friend.name, content });
    expect(reply).toMatchObject({ type: 'MESSAGE_FAILED', status: 'send_fail', code: 'content_too_large' });
    const text = await user.say(`send ${friend.name} ${content}`);
    expect(text).toMatch(/^send_fail /);
  });

  test('a lone surrogate, which has no UTF-8, is bad_request', async () => {
    const [user, friend] = await given.users(2);
    for (const content of ['\ud800', 'a\udfff', '\udc00\ud800']) {
      const reply = await user.request({ type: 'SEND_MESSAGE', recipient: friend.name, content });
      expect(reply).toMatchObject({ code: 'bad_request', reason: expect.stringContaining('content') });
    }
  });

  test('a line break in a line of text belongs to the message', async () => {
    const [user, friend] = await given.users(2);
    await user.say(`send ${friend.name} first\nsecond`);
    expect(await friend.next({ type: 'RECEIVE_MESSAGE' })).toHaveProperty('content', 'first\nsecond');
  });
});

describe('the service itself refuses frames', () => {
  async function expectClosed(frame: string | Buffer, code: number): Promise<void> {
    const [victim, neighbour] = [await given.aStranger(), await given.aUser()];
    victim.socket.send(frame);
    expect(await victim.closed).toBe(code);
    await expectAlive(neighbour);
    await expectAlive(await given.aUser());
  }

  test('a frame of more than 32 KB closes its connection with 1009, and no other', () =>
    expectClosed(JSON.stringify({ type: 'ping', x: 'x'.repeat(33 * 1024) }), 1009));

  test('a binary frame closes its connection with 1003', () => expectClosed(Buffer.from('ping'), 1003));

  test('a message of more than 128 KB in fragments closes its connection with 1009', async () => {
    const [victim, neighbour] = [await given.aStranger(), await given.aUser()];
    victim.send(JSON.stringify({ type: 'ping', x: 'x'.repeat(129 * 1024) }));
    expect(await victim.closed).toBe(1009);
    await expectAlive(neighbour);
  });

  test('bytes that are not UTF-8 close their connection, and no other', async () => {
    const [victim, neighbour] = [await given.aStranger(), await given.aUser()];
    victim.socket.send(Buffer.from([0x70, 0xff, 0xfe]), { binary: false });
    expect(await victim.closed).toBeGreaterThan(1000);
    await expectAlive(neighbour);
  });

  test('a message of up to 128 KB in fragments is read', async () => {
    const stranger = await given.aStranger();
    expect(await stranger.request({ type: 'ping', x: 'x'.repeat(100 * 1024) })).toHaveProperty(
      'type',
      'pong',
    );
  });

  test('a socket that is cut without a close affects nobody else', async () => {
    const [victim, neighbour] = [await given.aUser(), await given.aUser()];
    victim.socket.terminate();
    await victim.closed;
    await expectAlive(neighbour);
    expect(victim.socket.readyState).toBe(WebSocket.CLOSED);
  });
});
