import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { anyone, ask, callback, idOf, localCloud, type Said } from './cloud.ts';

const KIB = 1024;
const poster = { handler: 'poster', environment: callback, statements: [anyone] };
const { cloud, open, lines, logged } = await localCloud(
  {
    echo: { handler: 'echo' },
    size: { handler: 'echo' },
    log: { handler: 'logger', response: false },
    post: poster,
  },
  { instances: 1 },
);

/** A WebSocket by hand, to see and to send single frames. */
async function rawSocket(): Promise<Socket> {
  const socket = dial(Number(new URL(cloud.url).port), '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

const fragments = (data: Buffer) =>
  Array.from({ length: Math.ceil(data.length / (30 * KIB)) }, (_, at) => ({
    data: data.subarray(at * 30 * KIB, (at + 1) * 30 * KIB),
    binary: false,
    fin: (at + 1) * 30 * KIB >= data.length,
  }));

/** Masked with zeroes. */
function frame(payload: Buffer, { fin = true, opcode = 1 } = {}): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** The header bytes of each frame that the server sent, its payload's size, and all payloads together. */
function framesIn(bytes: Buffer): { first: number; size: number }[] {
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const size = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    frames.push({ first: bytes[at] ?? 0, size });
    at += size + (short === 126 ? 4 : 2);
  }
  return frames;
}

describe('incoming frames', () => {
  const long = (size: number) =>
    Buffer.from(JSON.stringify({ type: 'log', mark: 'no', x: 'x'.repeat(size) }));
  const single = (data: Buffer, binary: boolean) => [{ data, binary, fin: true }];
  test.each([
    ['a binary frame', single(long(1), true), 1003],
    ['one frame of more than 32 KB', single(long(32 * KIB), false), 1009],
    ['a message of more than 128 KB, in frames of 30 KB', fragments(long(128 * KIB)), 1009],
  ])('%s closes the connection, and no function handles it', async (_, frames, code) => {
    const client = await open();
    for (const { data, ...options } of frames) client.socket.send(data, options);
    expect(await client.closed).toBe(code);
    (await open()).send('{"type":"log","mark":"yes"}');
    await logged('yes');
    expect(lines).toHaveLength(1);
    lines.length = 0;
  });

  test('three frames of 30 KB are one message', async () => {
    const client = await open();
    const data = Buffer.from(JSON.stringify({ type: 'size', x: 'y'.repeat(90 * KIB - 24) }));
    const frames = fragments(data);
    expect(frames).toHaveLength(3);
    for (const { data: part, ...options } of frames) client.socket.send(part, options);
    const { body } = JSON.parse(await client.nextText('the event', () => true));
    expect(body).toHaveLength(data.length);
  });

  test('a frame of exactly 32 KB passes', async () => {
    const client = await open();
    client.send('z'.repeat(32 * KIB));
    expect(JSON.parse(await client.nextText('an answer', () => true))).toHaveProperty('message', 'Forbidden');
  });

  test('a header that arrives byte by byte is still a header', async () => {
    const socket = await rawSocket();
    // It may come before the last byte has been written.
    const said = once(socket, 'data') as Promise<[Buffer]>;
    for (const byte of frame(Buffer.alloc(32 * KIB + 1)).subarray(0, 14)) {
      socket.write(Buffer.from([byte]));
      await new Promise((done) => setTimeout(done, 2));
    }
    const [answer] = await said;
    expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, 1009]);
    socket.destroy();
  });

  test.each([
    ['bytes that are no UTF-8', frame(Buffer.from([0xff, 0xfe]))],
    ['a frame of a terabyte', Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['noise', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('%s end only their connection', async (_, bytes) => {
    const other = await open();
    const socket = await rawSocket();
    socket.write(bytes);
    await once(socket.resume(), 'end');
    expect(await ask(other, { type: 'echo' })).toHaveProperty('body');
    socket.destroy();
  });
});

describe('outgoing frames', () => {
  test('a post of 100 KB arrives in frames of at most 32 KB, as one message', async () => {
    const socket = await rawSocket();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(frame(Buffer.from('{"type":"echo"}')));
    await vi.waitFor(() => expect(chunks.length).toBeGreaterThan(0), 60_000);
    const id = /"connectionId":"([^"]+)"/.exec(Buffer.concat(chunks).toString())?.[1];
    chunks.length = 0;
    await ask(await open(), { type: 'post', to: id, size: 100 * KIB });
    await vi.waitFor(() => {
      expect(framesIn(Buffer.concat(chunks))).toEqual([
        { first: 0x01, size: 32 * KIB },
        { first: 0x00, size: 32 * KIB },
        { first: 0x00, size: 32 * KIB },
        { first: 0x80, size: 4 * KIB },
      ]);
    }, 60_000);
    socket.destroy();
  });

  test('a post of 128 KB arrives, and one byte more is 413', async () => {
    const [sender, client] = [await open(), await open()];
    const to = await idOf(client);
    const post = (size: number): Promise<Said> => ask(sender, { type: 'post', to, size });
    expect(await post(128 * KIB)).toMatchObject({ status: 200 });
    expect(await client.nextText('it', () => true)).toHaveLength(128 * KIB);
    expect(await post(128 * KIB + 1)).toMatchObject({ status: 413, name: 'PayloadTooLargeException' });
  });
});
