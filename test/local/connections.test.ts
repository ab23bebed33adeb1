import { describe, expect, test } from 'vitest';
import { anyone, ask, callback, idOf, localCloud, signedAs } from './cloud.ts';

const environment = callback;
const routes = {
  echo: { handler: 'echo' },
  post: { handler: 'poster', environment, statements: [anyone] },
  about: { handler: 'about', environment, statements: [anyone] },
  nobody: { handler: 'poster', environment },
};
const { cloud, open } = await localCloud(routes);

describe('@connections', () => {
  test('POST sends a message unchanged', async () => {
    const [sender, client] = [await open(), await open()];
    const to = await idOf(client);
    await cloud.resetCounts();
    expect(await ask(sender, { type: 'post', to, data: 'hé 👋' })).toEqual({ status: 200 });
    expect(await client.nextText('it', () => true)).toBe('hé 👋');
    expect((await cloud.counts()).posts).toEqual({ [to]: 1 });
  });

  test('GET returns the time and the address of the connection', async () => {
    const client = await open();
    const { requestContext } = await ask(client, { type: 'echo' });
    const { ConnectedAt, LastActiveAt, Identity } = await ask(client, { type: 'post', verb: 'GET' });
    expect(Date.parse(ConnectedAt)).toBe(requestContext.connectedAt);
    expect(Date.parse(LastActiveAt)).toBeGreaterThanOrEqual(requestContext.connectedAt);
    expect(Identity).toEqual({ SourceIp: '127.0.0.1', UserAgent: '' });
  });

  test('DELETE closes it', async () => {
    const [sender, client] = [await open(), await open()];
    const to = await idOf(client);
    expect(await ask(sender, { type: 'post', verb: 'DELETE', to })).toEqual({ status: 204 });
    expect(await client.closed).toBe(1000);
  });

  test.each(['POST', 'GET', 'DELETE'])('%s of a connection that is gone is 410', async (verb) => {
    const [sender, client] = [await open(), await open()];
    const to = await idOf(client);
    await client.close();
    expect(await ask(sender, { type: 'post', verb, to })).toMatchObject({
      status: 410,
      name: 'GoneException',
    });
  });

  test('a function whose role does not allow it gets 403', async () => {
    const client = await open();
    expect(await ask(client, { type: 'nobody' })).toMatchObject({
      status: 403,
      name: 'ForbiddenException',
      message: expect.stringContaining('is not authorized to perform: execute-api:ManageConnections'),
    });
  });

  test('an unknown id gets 410, and an unknown request is refused', async () => {
    const client = await open();
    expect(await ask(client, { type: 'post', to: '%zz/..?' })).toMatchObject({ status: 410 });
    const { env } = await ask(client, { type: 'about' });
    const status = async (path: string, init = {}) => (await fetch(env.CALLBACK_URL + path, init)).status;
    const headers = signedAs(env);
    expect(await status('/@connections/%zz', { headers })).toBe(400);
    expect(await status('/@connections/x', { headers })).toBe(410);
    expect(await status('/@connections/x', { headers, method: 'PUT' })).toBe(405);
    expect(await status('/@connections/x')).toBe(403);
    expect(await status('/connections/x')).toBe(404);
  });
});

describe('a connection ends', () => {
  test('after some time without a frame in either direction', async () => {
    // Functions that start would keep both from talking, for longer than they may be silent.
    const first = await quick.open();
    await ask(first, { type: 'post', to: await idOf(first), verb: 'GET' });
    const [talker, listener] = [await quick.open(), await quick.open()];
    const message = JSON.stringify({ type: 'post', to: await idOf(listener), data: 'x' });
    const talk = setInterval(() => talker.socket.send(message), 50);
    // The last to come, and still the first to go.
    const silent = await quick.open();
    expect(await silent.closed).toBe(1001);
    clearInterval(talk);
    expect(talker.socket.readyState).toBe(talker.socket.OPEN);
    expect(listener.socket.readyState).toBe(listener.socket.OPEN);
  });

  test('after its maximum life, whatever is sent', async () => {
    const client = await brief.open();
    const talk = setInterval(() => client.socket.send('{"type":"echo"}'), 50);
    expect(await client.closed).toBe(1001);
    clearInterval(talk);
  });

  test('if it does not read and too much has piled up, and until then a post is 429', async () => {
    const [sender, client] = [await slow.open(), await slow.open()];
    const to = await idOf(client);
    client.socket.pause();
    const statuses: number[] = [];
    const post = () => ask(sender, { type: 'post', to, size: 120_000 });
    while (statuses.at(-1) !== 429 && statuses.length < 500) statuses.push((await post()).status);
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([200]));
    expect(await post()).toMatchObject({ status: 429, name: 'LimitExceededException' });
    expect(await ask(sender, { type: 'post', verb: 'DELETE', to })).toEqual({ status: 204 });
    expect(await post()).toMatchObject({ status: 410 });
  });
});

const quick = await localCloud(routes, { limits: { idle: 3_000 } });
const brief = await localCloud(routes, { limits: { life: 600 } });
const slow = await localCloud(routes, { limits: { backlog: 500_000 } });
