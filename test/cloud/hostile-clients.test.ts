import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connect } from '../support/client.ts';
import { ownCloud } from '../support/own-cloud.ts';

const { cloud, given } = await ownCloud();
const port = Number(new URL(cloud.url).port);

/** Two users beside whatever goes on can talk. */
async function othersCanTalk(): Promise<void> {
  const [ann, bob] = await given.users(2);
  expect(await ann.request({ type: 'SEND_MESSAGE', recipient: bob.name, content: 'hi' })).toMatchObject({
    status: 'send_success',
  });
  expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'hi' });
}

/** A bare connection after its handshake. */
async function bare(): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

/** A masked text frame; a client must mask, and zeros are a mask. */
const frameOf = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

test('500 silent connections cost the others nothing', async () => {
  const idle = await Promise.all(Array.from({ length: 500 }, () => connect(cloud.url)));
  await othersCanTalk();
  expect(idle.every(({ socket }) => socket.readyState === socket.OPEN)).toBe(true);
  expect(await idle[499]?.say('ping')).toBe('pong');
  await Promise.all(idle.map((client) => client.close()));
});

test('a sender who takes a second for a frame is answered, and delays nobody', async () => {
  const socket = await bare();
  const answer = once(socket, 'data');
  for (const byte of frameOf('ping')) {
    socket.write(Buffer.from([byte]));
    await new Promise((done) => setTimeout(done, 100));
  }
  expect(String((await answer)[0])).toContain('pong');
  await othersCanTalk();
  socket.destroy();
});

test('handshakes and frames that never end delay nobody', async () => {
  const half = connectSocket(port, '127.0.0.1');
  half.on('error', () => {});
  half.write('GET / HTTP/1.1\r\nHost: localhost\r\nUpgr');
  const socket = await bare();
  socket.write(frameOf('ping').subarray(0, 5));
  await othersCanTalk();
  half.destroy();
  socket.destroy();
});

test('a client that never reads delays nobody, and messages to it are in the history', async () => {
  const [ann, deaf] = [await given.aUser(), await given.aUser()];
  deaf.socket.pause();
  const content = 'x'.repeat(15_000);
  for (let sent = 0; sent < 40; sent++) {
    const reply = await ann.request({ type: 'SEND_MESSAGE', recipient: deaf.name, content });
    expect(reply.status).toBe('send_success');
  }
  await othersCanTalk();
  const history = await ann.request({ type: 'fetch_history', recipient: deaf.name, limit: 1 });
  expect(history.messages?.[0]?.seq).toBe(40);
  deaf.socket.resume();
  for (let seq = 1; seq <= 40; seq++)
    expect(await deaf.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ seq });
});

test('pings between the fragments of a message do not break it', async () => {
  const socket = await bare();
  const answers: string[] = [];
  socket.on('data', (data) => answers.push(String(data)));
  const part = (opcode: number, text: string) =>
    Buffer.concat([Buffer.from([opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
  // `pi`, a control frame in between, then the rest and the end.
  socket.write(Buffer.concat([part(0x01, 'pi'), part(0x89, 'there?'), part(0x80, 'ng')]));
  await expect.poll(() => answers.join('')).toContain('pong');
  expect(answers.join('')).toContain('there?');
  socket.destroy();
});
