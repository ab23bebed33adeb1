import { generateKeyPairSync } from 'node:crypto';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startCloud } from '../../local/cloud.ts';
import { assemblyIn } from '../support/assembly.ts';
import { Client } from '../support/client.ts';
import { unique } from '../support/given.ts';
import { startProvider } from '../support/provider.ts';

const issuer = 'https://issuer.example';
const provider = await startProvider(issuer, 'chat');
const { tokenOf } = provider;
const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });
const logs: string[] = [];
const cloud = await startCloud({
  assembly: assemblyIn({
    jwtIssuer: issuer,
    jwtAudience: 'chat',
    jwksUri: provider.jwksUri,
    usernameClaim: 'preferred_username',
    allowedOrigins: 'https://chat.example,https://other.example',
  }),
  port: 0,
  // So that it is the function that refuses, as in the cloud.
  visitors: {
    origins: ['chat.example', 'other.example', 'evil.example', 'chat.example.evil.example'].map(
      (host) => `https://${host}`,
    ),
  },
  log: ({ line }) => logs.push(line),
});
afterAll(async () => {
  await cloud.close();
  provider.close();
});

interface Handshake {
  token?: string;
  protocols?: string[];
  origin?: string;
}

/** Opens a connection; the status if it is refused. */
async function open({ token, protocols, origin }: Handshake): Promise<Client | number> {
  const url = token === undefined ? cloud.url : `${cloud.url}?token=${token}`;
  const socket = new WebSocket(url, protocols ?? [], { ...(origin && { origin }) });
  return new Promise((done) => {
    socket.on('unexpected-response', (_, { statusCode }) => {
      done(statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => {});
    socket.on('open', () => {
      onTestFinished(() => socket.close());
      done(new Client(socket));
    });
  });
}

const opened = async (username: string): Promise<Client> =>
  (await open({ token: tokenOf({ preferred_username: username }) })) as Client;

describe('a token of the provider', () => {
  test('in the query opens a connection that is logged in at once', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const client = await opened(ann);
    await opened(bob);
    expect(await client.request({ type: 'SEND_MESSAGE', recipient: bob, content: 'hi' })).toMatchObject({
      status: 'send_success',
    });
    expect(await client.request({ type: 'create_group', group_name: unique('group') })).toMatchObject({
      status: 'create_group_success',
    });
  });

  test('as a subprotocol does so too, and the protocol is agreed on', async () => {
    const name = unique('ann');
    const client = (await open({
      protocols: ['parley', tokenOf({ preferred_username: name })],
    })) as Client;
    expect(client.socket.protocol).toBe('parley');
    expect(await client.request({ type: 'login' })).toMatchObject({
      status: 'login_success',
      username: name,
    });
  });

  test('brings what is pending, and what comes, from login on', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const [sender, receiver] = [await opened(ann), await opened(bob)];
    await sender.request({ type: 'SEND_MESSAGE', recipient: bob, content: 'before' });
    const login = await receiver.request({ type: 'login' });
    expect(login.pending_messages?.map(({ content }) => content)).toEqual(['before']);
    expect(login).not.toHaveProperty('session_token');
    await sender.request({ type: 'SEND_MESSAGE', recipient: bob, content: 'after' });
    expect(await receiver.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'after' });
    expect(await receiver.request({ type: 'logout' })).toMatchObject({ status: 'logout_success' });
    expect(await receiver.request({ type: 'list_chats' })).toMatchObject({ code: 'not_logged_in' });
  });

  test('lets nobody else log in on its connection, and has no password to change', async () => {
    const [ann, bob] = [unique('ann'), unique('bob')];
    const client = await opened(ann);
    await opened(bob);
    expect(await client.request({ type: 'login', username: bob })).toMatchObject({
      code: 'already_logged_in',
    });
    expect(await client.say(`login ${bob}`)).toMatch(/^login_fail /);
    await client.request({ type: 'logout' });
    expect(await client.request({ type: 'login', username: bob })).toMatchObject({
      code: 'already_logged_in',
    });
    expect(await client.request({ type: 'login', username: ann })).toMatchObject({ status: 'login_success' });
    expect(await client.request({ type: 'change_password', new_password: 'x' })).toMatchObject({
      code: 'bad_request',
    });
    expect(await client.request({ type: 'register', username: bob })).toMatchObject({ code: 'bad_request' });
  });

  test('is kept out by no group of that name', async () => {
    const [ann, name] = [unique('ann'), unique('bob')];
    const sender = await opened(ann);
    expect(await sender.request({ type: 'create_group', group_name: name })).toMatchObject({
      status: 'create_group_success',
    });
    const bob = await opened(name);
    await bob.request({ type: 'login' });
    expect(await sender.request({ type: 'SEND_MESSAGE', recipient: name, content: 'hi' })).toMatchObject({
      status: 'send_success',
    });
    expect(await bob.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ sender: ann, content: 'hi' });
  });
});

test.each(['$connect', '$disconnect'])('a frame of type %s is answered, and ends nothing', async (type) => {
  const [ann, bob] = [unique('ann'), unique('bob')];
  const [sender, receiver] = [await opened(ann), await opened(bob)];
  await receiver.request({ type: 'login' });
  expect(await receiver.request({ type })).toMatchObject({ type: 'error', code: 'unknown_type' });
  await sender.request({ type: 'SEND_MESSAGE', recipient: bob, content: 'still there?' });
  expect(await receiver.next({ type: 'RECEIVE_MESSAGE' })).toMatchObject({ content: 'still there?' });
});

describe('no connection is opened', () => {
  const name = () => ({ preferred_username: unique('eve') });
  test.each<[string, () => string | undefined]>([
    ['without a token', () => undefined],
    ['with what is none', () => 'abc'],
    ['with one that expired', () => tokenOf({ ...name(), exp: Math.floor(Date.now() / 1000) - 60 })],
    ['with one of another issuer', () => tokenOf({ ...name(), iss: 'https://evil.example' })],
    ['with one for others', () => tokenOf({ ...name(), aud: 'shop' })],
    ['with one that others signed', () => tokenOf(name(), { key: strangers.privateKey })],
    [
      'with one that nobody signed',
      () =>
        `${tokenOf(name(), { header: { alg: 'none' } })
          .split('.')
          .slice(0, 2)
          .join('.')}.`,
    ],
    ['with one that is of no name', () => tokenOf({})],
    ['with one of a name that cannot be', () => tokenOf({ preferred_username: 'a b' })],
  ])('%s', async (_, token) => {
    expect(await open({ token: token() })).toBe(401);
  });

  test('from a page of elsewhere', async () => {
    const token = tokenOf({ preferred_username: unique('ann') });
    expect(await open({ token, origin: 'https://evil.example' })).toBe(403);
    expect(await open({ token, origin: 'https://chat.example.evil.example' })).toBe(403);
    expect(await open({ token, origin: 'https://other.example' })).toBeInstanceOf(Client);
  });
});

test('that the keys cannot be fetched is no fault of a token, and is seen', async () => {
  provider.state.down = true;
  onTestFinished(() => {
    provider.state.down = false;
  });
  const unseen = tokenOf({ preferred_username: unique('ann') }, { header: { kid: 'k2' } });
  expect(await open({ token: unseen })).toBe(500);
  const lines = logs.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(lines).toContainEqual(expect.objectContaining({ message: 'authorize', outcome: 'internal_error' }));
  expect(lines).toContainEqual(expect.objectContaining({ route: 'authorize', 'Failures.internal_error': 1 }));
});

test('no token is in the log', async () => {
  const token = tokenOf({ preferred_username: unique('ann') });
  await open({ token });
  await open({ token: token.slice(0, -4) });
  expect(logs.length).toBeGreaterThan(0);
  expect(logs.join('\n')).not.toContain(token.slice(0, 60));
});

test('no call of these functions was denied', async () => {
  expect((await cloud.grants()).denied).toEqual([]);
});
