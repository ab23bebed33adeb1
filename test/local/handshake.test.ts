import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { anyone, callback, localCloud, refusal } from './cloud.ts';

const { cloud, open, logged, lines } = await localCloud(
  {
    $connect: { handler: 'connect', response: false, environment: callback, statements: [anyone] },
    $disconnect: { handler: 'logger', response: false },
    events: { handler: 'logger', response: false },
  },
  { visitors: { origins: ['https://app.example'] } },
);

test.each([
  ['the status that $connect returns', '/?status=401', 401],
  ['403, if it says so', '/?status=403', 403],
  ['502 if it throws', '/?fail=1', 502],
])('a handshake is refused with %s', async (_, path, status) => {
  expect(await refusal(cloud.url + path)).toBe(status);
  expect(lines.filter((line) => line.includes('DISCONNECT'))).toEqual([]);
});

test.each(['/', '//', '/a/b%20c', '/?status=200', '/%'])('a handshake at %s is accepted', async (path) => {
  const client = await open(path);
  await client.close();
});

test('a post to a connection in its own $connect is 410', async () => {
  await open('/?post=1');
  expect(JSON.parse(await logged('GoneException'))).toMatchObject({ status: 410, name: 'GoneException' });
});

test('$connect gets headers as the client wrote their names, and every value of a repeated one', async () => {
  const mark = randomUUID();
  const socket = new WebSocket(`${cloud.url}/?log=1&a=1&a=2`, {
    headers: { 'X-Mark': mark, 'x-lower': 'l' },
  });
  await once(socket, 'open');
  socket.terminate();
  expect(JSON.parse(await logged(mark))).toMatchObject({
    headers: { 'X-Mark': mark, 'x-lower': 'l', Upgrade: 'websocket' },
    multiValueHeaders: { 'X-Mark': [mark] },
    queryStringParameters: { a: '2' },
    multiValueQueryStringParameters: { a: ['1', '2'] },
  });
});

test.each([
  [
    'sees the origin of a page of another port',
    (port: string) => `http://localhost:${Number(port) + 1}`,
    true,
  ],
  ['sees the origin of a page of this port, but without its port', () => 'http://localhost', true],
  ["does not see this port's own page", (port: string) => `http://localhost:${port}`, false],
  ['does not see a page that a flag allows', () => 'https://app.example', false],
])('$connect %s', async (_, originOf, isSeen) => {
  const mark = randomUUID();
  const headers = { Origin: originOf(new URL(cloud.url).port), 'X-Mark': mark };
  const socket = new WebSocket(`${cloud.url}/?log=1`, { headers });
  await once(socket, 'open');
  socket.terminate();
  const event = JSON.parse(await logged(mark));
  const seen = { Origin: headers.Origin };
  if (isSeen) expect(event.headers).toMatchObject(seen);
  else expect(event).not.toHaveProperty('headers.Origin');
});

test('no subprotocol is chosen for a client that offers some', async () => {
  const socket = new WebSocket(cloud.url, ['one', 'two']);
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toBe('Server sent no subprotocol');
});

test.each([
  ['the client closed', (socket: WebSocket) => socket.close(4001, 'bye'), 4001, 'bye'],
  ['the client closed with no code', (socket: WebSocket) => socket.close(), 1005, ''],
  ['the socket was cut', (socket: WebSocket) => socket.terminate(), 1006, ''],
  [
    'the service closed',
    (socket: WebSocket) => socket.send(Buffer.from([1])),
    1003,
    'Binary is not supported',
  ],
])('$disconnect reports that %s', async (_, end, code, reason) => {
  const client = await open();
  const mark = randomUUID();
  client.send(JSON.stringify({ type: 'events', mark }));
  const { connectionId } = JSON.parse(await logged(mark)).requestContext;
  end(client.socket);
  const { requestContext } = JSON.parse(await logged('DISCONNECT', connectionId));
  expect(requestContext).toMatchObject({
    routeKey: '$disconnect',
    eventType: 'DISCONNECT',
    disconnectStatusCode: code,
    disconnectReason: reason,
  });
});

test.each(['$connect', '$disconnect'])(
  'a message that names %s runs that route, as a message',
  async (type) => {
    const client = await open();
    const [mark, later] = [randomUUID(), randomUUID()];
    client.send(JSON.stringify({ type, mark }));
    const { requestContext } = JSON.parse(await logged(mark));
    expect(requestContext).toMatchObject({ routeKey: type, eventType: 'MESSAGE' });
    client.send(JSON.stringify({ type: 'events', mark: later }));
    expect(JSON.parse(await logged(later)).requestContext.connectionId).toBe(requestContext.connectionId);
  },
);

test('a plain HTTP request is told to upgrade', async () => {
  const { status } = await fetch(cloud.url.replace('ws:', 'http:'));
  expect(status).toBe(426);
});
