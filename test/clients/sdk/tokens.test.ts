import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Options, StateChange } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer, type Peer } from './fake-server.ts';
import { aClient, next, partOfIt, pushFromBob, receipt, told } from './given.ts';

const HOUR = 3_600_000;

/** An app's `getToken`: each call gets the next token, and is noted with why the last one was refused. */
function anApp() {
  const asked: unknown[] = [];
  const getToken: NonNullable<Options['getToken']> = async (refused) => {
    asked.push(refused);
    return `token ${asked.length}`;
  };
  return { asked, getToken };
}

// With less than the quiet after which it pings.
const LASTS = 200_000;
/** A login that lasts so long is renewed after this, and if that failed, after the second. */
const [FIRST, SECOND] = [0.8 * LASTS, 0.8 * 0.2 * LASTS];

/** Time passes as the test says: on a busy machine a short login would be over before the client gets to it. */
function standStill(): (ms: number) => Promise<unknown> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => vi.advanceTimersByTimeAsync(ms);
}

/** A client that logs in by tokens alone. */
const byToken = (server: { url: string }, options: Partial<Options>) =>
  aClient(server, { username: undefined, random: () => 0, ...options });

/** A client that is online with a token that lasts so long, and what its state was since. */
async function online(options: Partial<Options>, lasts = HOUR) {
  const server = await aServer();
  const chat = byToken(server, options);
  const isOnline = next(chat, 'caught-up');
  const { peer, login } = await server.nextLoggedIn({ session_expires_in_ms: lasts });
  await isOnline;
  const states: StateChange[] = [];
  chat.on('state', (change) => states.push(change));
  return { server, chat, peer, login, states };
}

/** Answers a login on an open connection. */
const again = (peer: Peer, fields: object = {}) =>
  peer.answer('login', { username: 'ann', pending_messages: [], groups: [], ...fields });

/** That nothing but what the test asked for has come: everything before it would be there. */
async function hears(chat: ReturnType<typeof aClient>, peer: Peer) {
  const pong = chat.request({ type: 'ping' });
  await peer.answer('ping');
  await pong;
  expect(peer.untaken).toBe(0);
}

describe('a login with a token', () => {
  test('asks for one each time, and has a username once that is known', async () => {
    const { asked, getToken } = anApp();
    const { server, chat, peer, login } = await online({ getToken });
    expect(login).toMatchObject({ type: 'login', token: 'token 1' });
    expect(login).not.toHaveProperty('username');
    expect(chat.username).toBe('ann');
    peer.cut();
    const second = await server.nextLoggedIn();
    expect(second.login).toMatchObject({ token: 'token 2', username: 'ann', cursors: {} });
    expect(asked).toEqual([undefined, undefined]);
  });

  test('takes the id as it is, and nothing of an earlier user', async () => {
    const server = await aServer();
    const store = memoryStore();
    partOfIt(store).set('session', JSON.stringify({ username: 'bob', token: 'of bob' }));
    const { getToken } = anApp();
    const someone = byToken(server, { getToken, store });
    expect(someone.username).toBe('');
    expect(await (await server.next()).next('login')).toEqual({
      ...{ type: 'login', batches: true, token: 'token 1', request_id: '1' },
    });
    const named = byToken(server, { getToken, store, username: 'auth0|Ann' });
    expect(named.username).toBe('auth0|Ann');
    expect(await (await server.next()).next('login')).toMatchObject({ username: 'auth0|Ann' });
  });

  test.each([
    ['throws', () => Promise.reject(new Error('the sign-in is down')), 'getToken: the sign-in is down'],
    [
      'throws at once',
      () => {
        throw new Error('the sign-in is down');
      },
      'getToken: the sign-in is down',
    ],
    ['gives nothing', () => '', 'getToken: it returned no token'],
    ['hangs', () => new Promise<string>(() => {}), 'getToken: nothing came within 0.05 s'],
  ])(
    'waits for a token where getToken %s, however often, and opens no connection',
    async (_, fails, detail) => {
      const server = await aServer();
      let calls = 0;
      const getToken = () => (++calls < 12 ? fails() : 'a token');
      const chat = byToken(server, { getToken, random: () => 0.5, timing: { token: 50 } });
      const states: StateChange[] = [];
      chat.on('state', (change) => states.push(change));
      const { login } = await server.nextLoggedIn();
      expect(login).toMatchObject({ token: 'a token' });
      const waits = states.filter(({ state }) => state === 'waiting');
      expect(waits).toHaveLength(11);
      expect(waits[0]).toEqual({ state: 'waiting', reason: 'no_token', detail, retryInMs: 5 });
      expect(new Set(waits.map(({ reason }) => reason))).toEqual(new Set(['no_token']));
      expect(waits.at(-1)?.retryInMs).toBe(25);
    },
  );

  test.each(['invalid_token', 'token_expired', 'session_expired'])(
    'that is refused as %s is repeated with a fresh one',
    async (code) => {
      const server = await aServer();
      const { asked, getToken } = anApp();
      const chat = byToken(server, { getToken });
      const isOnline = next(chat, 'state');
      const peer = await server.next();
      peer.refuse(await peer.next('login'), code);
      expect(await peer.next('login')).toMatchObject({ token: 'token 2' });
      peer.cut();
      await isOnline;
      // A third is asked for without complaint once the second was neither refused nor accepted.
      await server.nextLoggedIn();
      expect(asked).toEqual([undefined, code, code]);
    },
  );

  test.each(['invalid_token', 'token_expired', 'session_expired'])(
    'that is refused twice as %s ends in unauthorized, and keeps what was not sent',
    async (code) => {
      const server = await aServer();
      const store = memoryStore();
      const { asked, getToken } = anApp();
      const chat = byToken(server, { getToken, store, username: 'ann' });
      const states: StateChange[] = [];
      chat.on('state', (change) => states.push(change));
      const sending = chat.send('bob', 'not sent yet');
      const peer = await server.next();
      for (let tries = 0; tries < 2; tries++) peer.refuse(await peer.next('login'), code);
      await peer.closed;
      expect(states).toEqual([{ state: 'closed', reason: 'unauthorized', detail: `It is ${code}.` }]);
      expect(asked).toEqual([undefined, code]);
      chat.close();
      const back = byToken(server, { getToken, store, username: 'ann' });
      expect(back.sendings.map(({ id }) => id)).toEqual([sending.id]);
    },
  );

  test('that is refused before and after a cut ends in unauthorized, too', async () => {
    const server = await aServer();
    const { getToken } = anApp();
    const chat = byToken(server, { getToken });
    const isClosed = next(chat, 'state', ({ state }) => state === 'closed');
    const peer = await server.next();
    peer.refuse(await peer.next('login'), 'invalid_token');
    await peer.next('login');
    peer.cut();
    const second = await server.next();
    second.refuse(await second.next('login'), 'token_expired');
    expect(await isClosed).toMatchObject({ reason: 'unauthorized' });
  });

  test('that is refused once, again and again, goes on: a token was accepted in between', async () => {
    const server = await aServer();
    const { asked, getToken } = anApp();
    const chat = byToken(server, { getToken });
    for (let round = 0; round < 3; round++) {
      const isOnline = next(chat, 'state', ({ state }) => state === 'online');
      const peer = await server.next();
      peer.refuse(await peer.next('login'), 'token_expired');
      await again(peer);
      if (round === 0) await peer.answer('list_chats', { chats: [] });
      await isOnline;
      peer.cut();
    }
    expect(asked.slice(0, 6)).toEqual([
      undefined,
      'token_expired',
      undefined,
      'token_expired',
      undefined,
      'token_expired',
    ]);
    expect(chat.state).not.toBe('closed');
  });

  test('is not started by a client that was closed while it waited for the token', async () => {
    const server = await aServer();
    let give: (token: string) => void = () => {};
    const chat = byToken(server, { getToken: () => new Promise((resolve) => (give = resolve)) });
    await vi.waitUntil(() => give.length === 1, 60_000);
    chat.close();
    give('too late');
    // The first connection is of the other.
    byToken(server, anApp());
    expect((await server.nextLoggedIn()).login).toMatchObject({ token: 'token 1' });
    expect(chat.state).toBe('closed');
  });
});

describe('before its token expires a client', () => {
  test('logs in again on the open connection, and the app notices nothing', async () => {
    const { asked, getToken } = anApp();
    const { chat, peer, states } = await online({ getToken }, 100);
    const login = await again(peer, { session_expires_in_ms: 100 });
    expect(login).toMatchObject({ token: 'token 2', username: 'ann' });
    // Nothing is missing, so nothing is asked for.
    expect(login).not.toHaveProperty('cursors');
    expect(await again(peer, { session_expires_in_ms: HOUR })).toMatchObject({ token: 'token 3' });
    await hears(chat, peer);
    expect(states).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  test('asks again while its app has no other token, and reuses the old one only when that has expired', async () => {
    let calls = 0;
    const getToken = () => (++calls < 3 ? 'the same' : 'another');
    const pass = standStill();
    const { chat, peer, states } = await online({ getToken }, LASTS);
    await pass(FIRST);
    await hears(chat, peer);
    await pass(SECOND);
    expect(await again(peer, { session_expires_in_ms: HOUR })).toMatchObject({ token: 'another' });
    await hears(chat, peer);
    expect([states, calls]).toEqual([[], 3]);
  });

  test('keeps the old login while there is no new token, and waits when that has expired', async () => {
    let isDown = false;
    const getToken = async () => {
      if (isDown) throw new Error('down');
      return 'a token';
    };
    const pass = standStill();
    const { server, chat, peer, states } = await online({ getToken }, LASTS);
    isDown = true;
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    await pass(LASTS - 1);
    await hears(chat, peer);
    expect(states).toEqual([]);
    await pass(1);
    expect(await waits).toMatchObject({ reason: 'no_token', detail: 'getToken: down' });
    await peer.closed;
    isDown = false;
    const isBack = next(chat, 'state', ({ state }) => state === 'online');
    await pass(1_000);
    await server.nextLoggedIn();
    await isBack;
  });

  test.each(['busy', 'rate_limited', 'internal_error'])(
    'that is answered %s tries again, and stays online',
    async (code) => {
      const { getToken } = anApp();
      const pass = standStill();
      const { peer, chat, states } = await online({ getToken }, LASTS);
      await pass(FIRST);
      peer.refuse(await peer.next('login'), code);
      await hears(chat, peer);
      await pass(SECOND);
      await again(peer, { session_expires_in_ms: HOUR });
      await hears(chat, peer);
      expect(states).toEqual([]);
    },
  );

  test('that is refused twice ends in unauthorized', async () => {
    const { getToken } = anApp();
    const { peer, states } = await online({ getToken }, 100);
    for (let tries = 0; tries < 2; tries++) peer.refuse(await peer.next('login'), 'invalid_token');
    await peer.closed;
    expect(states).toEqual([{ state: 'closed', reason: 'unauthorized', detail: 'It is invalid_token.' }]);
  });

  test.each([
    ['of a day ahead', 24 * HOUR, HOUR],
    ['of a day behind', -24 * HOUR, HOUR],
    ['that cannot count so far', 0, 60 * 24 * HOUR],
  ])('works with a clock %s', async (_, wrong, lasts) => {
    const { now } = Date;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + wrong);
    onTestFinished(() => void vi.restoreAllMocks());
    const { asked, getToken } = anApp();
    const { chat, peer } = await online({ getToken }, lasts);
    await hears(chat, peer);
    expect(asked).toHaveLength(1);
  });

  test('notices on waking that the machine slept past it', async () => {
    const listeners: (() => void)[] = [];
    vi.stubGlobal('addEventListener', (event: string, listener: () => void) => {
      if (event === 'online') listeners.push(listener);
    });
    const { getToken } = anApp();
    const { peer } = await online({ getToken });
    vi.unstubAllGlobals();
    const { now } = Date;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + HOUR);
    onTestFinished(() => void vi.restoreAllMocks());
    for (const wake of listeners) wake();
    await peer.answer('ping');
    expect(await again(peer, { session_expires_in_ms: HOUR })).toMatchObject({ token: 'token 2' });
  });

  test('ends when the service ends its session, and keeps unsent messages', async () => {
    const store = memoryStore();
    const { getToken } = anApp();
    const { server, chat, peer, states } = await online({ getToken, store });
    const sending = chat.send('bob', 'not sent yet');
    await peer.next('SEND_MESSAGE');
    peer.push({ type: 'SESSION_ENDED', code: 'logged_out_everywhere', reason: 'You logged out everywhere.' });
    await peer.closed;
    expect(states).toEqual([
      { state: 'closed', reason: 'logged_out_everywhere', detail: 'You logged out everywhere.' },
    ]);
    const back = byToken(server, { getToken, store, username: 'ann' });
    expect(back.sendings.map(({ id }) => id)).toEqual([sending.id]);
  });
});

describe('a command after the login has expired', () => {
  test.each(['session_expired', 'token_expired'])(
    'refused as %s is repeated after a login, with its key, and resolves once',
    async (code) => {
      const { getToken } = anApp();
      const { chat, peer, states } = await online({ getToken });
      const texts = told(chat);
      const sending = chat.send('bob', 'late');
      const first = await peer.next('SEND_MESSAGE');
      peer.refuse(first, code);
      const login = await again(peer, {
        session_expires_in_ms: HOUR,
        pending_messages: [pushFromBob(1, { content: 'came meanwhile' })],
      });
      expect(login).toMatchObject({ token: 'token 2', username: 'ann' });
      const second = await peer.answer('SEND_MESSAGE', receipt(2));
      expect(second).toMatchObject({ client_message_id: sending.id, content: 'late' });
      expect(second.client_message_id).toBe(first.client_message_id);
      expect(await sending.message).toMatchObject({ seq: 2 });
      await hears(chat, peer);
      expect([texts, states]).toEqual([['came meanwhile', 'late'], []]);
    },
  );

  test('waits for the login that another command has started', async () => {
    const { getToken } = anApp();
    const { chat, peer } = await online({ getToken });
    const both = [chat.request({ type: 'list_chats' }), chat.request({ type: 'list_chats' })];
    const [one, other] = [await peer.next('list_chats'), await peer.next('list_chats')];
    peer.refuse(one, 'session_expired');
    await again(peer, { session_expires_in_ms: HOUR });
    await peer.answer('list_chats', { chats: [] });
    // So late that the login has been renewed already.
    peer.refuse(other, 'session_expired');
    await peer.answer('list_chats', { chats: [] });
    await Promise.all(both);
    await hears(chat, peer);
  });

  test('shares one login with another command that comes too late, too', async () => {
    const { getToken } = anApp();
    const { chat, peer } = await online({ getToken });
    const both = [chat.request({ type: 'list_chats' }), chat.request({ type: 'list_chats' })];
    for (const asked of [await peer.next('list_chats'), await peer.next('list_chats')])
      peer.refuse(asked, 'session_expired');
    await again(peer, { session_expires_in_ms: HOUR });
    for (const _ of both) await peer.answer('list_chats', { chats: [] });
    await Promise.all(both);
    await hears(chat, peer);
  });

  test('waits for a token if there is none, on the next connection', async () => {
    const app = anApp();
    let isDown = false;
    const getToken: Options['getToken'] = (refused) => {
      if (isDown) throw new Error('down');
      return app.getToken(refused);
    };
    const { server, chat, peer } = await online({ getToken });
    const sending = chat.send('bob', 'late');
    isDown = true;
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    peer.refuse(await peer.next('SEND_MESSAGE'), 'session_expired');
    expect(await waits).toMatchObject({ reason: 'no_token' });
    isDown = false;
    const { peer: second } = await server.nextLoggedIn();
    expect(await second.answer('SEND_MESSAGE', receipt(1))).toMatchObject({ client_message_id: sending.id });
    await sending.message;
  });

  test('is given up if the server expires every login at once, and the client lives', async () => {
    const { getToken } = anApp();
    const { chat, peer, states } = await online({ getToken });
    const asked = chat.request({ type: 'list_chats' });
    const failed = expect(asked).rejects.toMatchObject({ code: 'session_expired' });
    for (let tries = 0; tries < 3; tries++) {
      peer.refuse(await peer.next('list_chats'), 'session_expired');
      if (tries < 2) await again(peer, { session_expires_in_ms: HOUR });
    }
    await failed;
    await hears(chat, peer);
    expect(states).toEqual([]);
  });

  test('of a client without tokens fails with the refusal', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const isOnline = next(chat, 'caught-up');
    const { peer } = await server.nextLoggedIn();
    await isOnline;
    const asked = chat.request({ type: 'list_chats' });
    peer.refuse(await peer.next('list_chats'), 'session_expired');
    await expect(asked).rejects.toMatchObject({ code: 'session_expired' });
    await hears(chat, peer);
  });
});

test('ids keep their case: two that differ in it are two users with a chat each', async () => {
  const { chat, peer } = await online({ getToken: anApp().getToken });
  expect(chat.userIdOf('#Bob')).toBe('#Bob');
  const [one, other] = [chat.send('Bob', 'hi'), chat.send('bob', 'hi')];
  expect([await peer.next('SEND_MESSAGE'), await peer.next('SEND_MESSAGE')]).toMatchObject([
    { recipient: 'Bob', client_message_id: one.id },
    { recipient: 'bob', client_message_id: other.id },
  ]);
});
