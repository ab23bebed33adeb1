import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connect, register, type StateChange, type Store } from '../../../clients/sdk/chat.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import type { Frame } from '../../../clients/sdk/types.ts';
import { aServer, type Peer } from './fake-server.ts';
import { aClient, fromBob, next, online, partOfIt, pushFromBob, receipt, told } from './given.ts';

describe('a client', () => {
  test('connects, logs in, and is online', async () => {
    const server = await aServer();
    const chat = aClient(server, { username: 'Ann', password: 'secret' });
    expect(chat.state).toBe('connecting');
    const isOnline = next(chat, 'state');
    const { login } = await server.nextLoggedIn();
    expect(login).toMatchObject({ username: 'ann', password: 'secret' });
    expect(await isOnline).toEqual({ state: 'online' });
    expect(chat.username).toBe('ann');
  });

  test('comes back after a cut, and sends its cursors', async () => {
    const { server, chat, peer } = await online();
    const states: StateChange[] = [];
    chat.on('state', (change) => states.push(change));
    const isBack = next(chat, 'state', ({ state }) => state === 'online');
    peer.cut();
    const { login } = await server.nextLoggedIn();
    await isBack;
    expect(login.cursors).toEqual({});
    expect(states.map(({ state }) => state)).toEqual(['waiting', 'connecting', 'online']);
    expect(states[0]?.reason).toBe('connection_lost');
  });

  test('waits longer after each failure, up to a limit', async () => {
    const server = await aServer();
    server.close();
    const waits: StateChange[] = [];
    const timing = { retryFirst: 2, retryMost: 10 };
    const chat = aClient(server, { random: () => 0.5, timing });
    chat.on('state', (change) => change.state === 'waiting' && waits.push(change));
    await vi.waitUntil(() => waits.length >= 5, 60_000);
    expect(waits.slice(0, 5).map(({ retryInMs }) => retryInMs)).toEqual([1, 2, 4, 5, 5]);
    expect(waits[0]?.reason).toBe('unreachable');
  });

  test('begins with the short wait again once it has been online', async () => {
    const { server, chat, peer } = await online({ random: () => 1 });
    const waits: unknown[] = [];
    chat.on('state', ({ state, retryInMs }) => state === 'waiting' && waits.push(retryInMs));
    peer.cut();
    (await server.nextLoggedIn()).peer.cut();
    (await server.nextLoggedIn()).peer.cut();
    await vi.waitUntil(() => waits.length >= 3, 60_000);
    expect(waits).toEqual([10, 10, 10]);
  });

  test('is woken by a restored network', async () => {
    const listeners: (() => void)[] = [];
    vi.stubGlobal('addEventListener', (event: string, listener: () => void) => {
      if (event === 'online') listeners.push(listener);
    });
    const { server, chat, peer } = await online({
      random: () => 1,
      timing: { retryFirst: 3_600_000, retryMost: 3_600_000 },
    });
    vi.unstubAllGlobals();
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    peer.cut();
    await waits;
    for (const wake of listeners) wake();
    await server.nextLoggedIn();
  });

  // A login whose outcome the service doesn't know may take effect late, so it closes the connection.
  test.each([
    ['with no answer', () => {}],
    ['with an answer', (peer: Peer, login: Frame) => peer.refuse(login, 'outcome_unknown')],
  ])(
    'logs in again after a close that ends its login, %s, and loses and repeats nothing',
    async (_, answer) => {
      const { server, chat, peer } = await online();
      const texts = told(chat);
      const isTold = next(chat, 'message');
      peer.push(pushFromBob(1));
      await isTold;
      peer.cut();
      const closed = await server.next();
      const failed = await closed.next('login');
      const sent = chat.send('bob', 'meanwhile');
      answer(closed, failed);
      closed.close();
      const last = await server.next();
      const login = await last.answer('login', { username: 'ann', pending_messages: [], groups: [] });
      expect(login).toMatchObject({ cursors: { 'ann:bob': 1 } });
      const messages = [fromBob(1), fromBob(2)];
      last.push({ type: 'sync_response', status: 'sync_success', messages, more: false });
      await last.answer('SEND_MESSAGE', receipt(3));
      expect(await sent.message).toMatchObject({ seq: 3 });
      expect(texts).toEqual(['message 1', 'message 2', 'meanwhile']);
      expect([closed.untaken, last.untaken]).toEqual([0, 0]);
    },
  );

  test('leaves a server that does not answer its login', async () => {
    const server = await aServer();
    const chat = aClient(server, { timing: { login: 500 } });
    await (await server.next()).next('login');
    expect(await next(chat, 'state')).toMatchObject({ state: 'waiting', reason: 'timed_out' });
  });

  test('comes back when the server says that it is not logged in', async () => {
    const { server, chat, peer } = await online();
    const chats = chat.chats();
    peer.refuse(await peer.next('list_chats'), 'not_logged_in');
    const again = await server.nextLoggedIn();
    await again.peer.answer('list_chats', { chats: [] });
    expect(await chats).toEqual([]);
  });

  test('opens its next connection before the first must end, and uses it', async () => {
    const { server, chat, peer } = await online({ timing: { renew: 100 } });
    const states: StateChange[] = [];
    chat.on('state', (change) => states.push(change));
    const late = chat.request({ type: 'list_chats' });
    const asked = await peer.next('list_chats');
    const isOver = next(chat, 'caught-up');
    const { peer: second } = await server.nextLoggedIn();
    await isOver;
    // The reply and the page may have come in one go.
    await new Promise(setImmediate);
    const soon = chat.request({ type: 'ping' });
    await second.answer('ping');
    await soon;
    peer.reply(asked, { chats: [] });
    expect(await late).toMatchObject({ chats: [] });
    await peer.closed;
    expect(states).toEqual([]);
  });

  test('closes its next connection if it has got another one meanwhile', async () => {
    const { server, chat, peer } = await online({ timing: { renew: 100 } });
    const second = await server.next();
    const login = await second.next('login');
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    peer.cut();
    await waits;
    const isBack = next(chat, 'state', ({ state }) => state === 'online');
    const { peer: third } = await server.nextLoggedIn();
    await isBack;
    second.reply(login, { username: 'ann', pending_messages: [], groups: [] });
    await second.closed;
    const asked = chat.request({ type: 'presence', usernames: ['bob'] });
    for (let frame = await third.any(); ; frame = await third.any()) {
      if (frame.type === 'presence') third.reply(frame, { users: [] });
      if (frame.type === 'presence') break;
    }
    await asked;
  });

  test('leaves a connection that is lost while it is owed messages', async () => {
    const server = await aServer();
    aClient(server, { timing: { request: 3_600_000 } });
    const peer = await server.next();
    await peer.answer('login', { username: 'ann', pending_messages: [], groups: [], more: true });
    peer.cut();
    await server.nextLoggedIn();
  });

  test('ends when it is closed, and sends nothing any more', async () => {
    const { chat, peer } = await online();
    const asked = chat.request({ type: 'list_chats' });
    const isClosed = next(chat, 'state');
    chat.close();
    expect(await isClosed).toEqual({ state: 'closed', reason: 'closed' });
    await expect(asked).rejects.toMatchObject({ code: 'closed' });
    await expect(chat.request({ type: 'ping' })).rejects.toMatchObject({ code: 'closed' });
    await peer.closed;
  });

  test('refuses a store that storeOn has not made, in a sentence', () => {
    const store = { get() {}, set() {}, keys: () => [] } as unknown as Store;
    expect(() => connect({ url: 'ws://localhost', webSocket: WebSocket, store })).toThrow(
      '`store` must be made by storeOn({ get, set, keys }) of @parley-chat/client/store.',
    );
  });

  test('refuses an invalid URL, and a platform without WebSockets, at once', () => {
    expect(() => connect({ url: 'nowhere', webSocket: WebSocket })).toThrow('Invalid URL');
    vi.stubGlobal('WebSocket', undefined);
    expect(() => connect({ url: 'ws://localhost' })).toThrow('pass one as `webSocket`');
    vi.unstubAllGlobals();
  });
});

describe('a login', () => {
  test('that is refused ends the client', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const peer = await server.next();
    const isClosed = next(chat, 'state');
    peer.refuse(await peer.next('login'), 'invalid_credentials');
    expect(await isClosed).toEqual({
      state: 'closed',
      reason: 'invalid_credentials',
      detail: 'It is invalid_credentials.',
    });
  });

  test.each(['busy', 'internal_error', 'rate_limited'])(
    'that is refused as %s is tried again',
    async (code) => {
      const server = await aServer();
      const chat = aClient(server);
      const peer = await server.next();
      const waits = next(chat, 'state');
      peer.refuse(await peer.next('login'), code, {
        retry_after_ms: code === 'rate_limited' ? 7 : undefined,
      });
      const change = await waits;
      expect(change).toMatchObject({ state: 'waiting', reason: code });
      if (code === 'rate_limited') expect(change).toHaveProperty('retryInMs', 7);
      await server.nextLoggedIn();
    },
  );

  test('gives a token, which the next login shows instead of the password, also after a restart with a store', async () => {
    const server = await aServer();
    const store = memoryStore();
    const chat = aClient(server, { store, password: 'secret' });
    const first = await server.nextLoggedIn({ session_token: 'a token' });
    first.peer.cut();
    const second = await server.nextLoggedIn();
    expect(second.login).toMatchObject({ session_token: 'a token' });
    expect(second.login).not.toHaveProperty('password');
    chat.close();
    // Without a name: who was here last.
    const after = aClient(server, { store, username: undefined });
    expect(after.username).toBe('ann');
    expect((await server.nextLoggedIn()).login).toMatchObject({ session_token: 'a token' });
    after.close();
  });

  test('after a change of password shows the new token, or the new password', async () => {
    const { server, chat, peer } = await online({ sessionToken: 'old', password: 'old' });
    const changed = chat.request({ type: 'change_password', old_password: 'old', new_password: 'new' });
    await peer.answer('change_password', { session_token: 'new token' });
    await changed;
    peer.cut();
    const again = await server.next();
    const login = await again.next('login');
    expect(login).toMatchObject({ session_token: 'new token' });
    again.refuse(login, 'invalid_credentials');
    expect(await again.next('login')).toMatchObject({ username: 'ann', password: 'new' });
  });

  test('sends no name where the connection already says which user it is', async () => {
    const server = await aServer();
    const chat = aClient(server, { username: undefined });
    const { login } = await server.nextLoggedIn();
    expect(login).not.toHaveProperty('username');
    await vi.waitUntil(() => chat.username === 'ann', 60_000);
  });

  test('with a refused token falls back to the password', async () => {
    const server = await aServer();
    const store = memoryStore();
    aClient(server, { store, sessionToken: 'old', password: 'secret' });
    const peer = await server.next();
    peer.refuse(await peer.next('login'), 'invalid_credentials');
    expect(await peer.next('login')).toMatchObject({ username: 'ann', password: 'secret' });
  });

  test('by a token alone ends the client when it is refused, and the token is forgotten', async () => {
    const server = await aServer();
    const store = memoryStore();
    partOfIt(store).set('session', JSON.stringify({ username: 'ann', token: 'old' }));
    const chat = aClient(server, { store, username: undefined });
    const peer = await server.next();
    const isClosed = next(chat, 'state');
    peer.refuse(await peer.next('login'), 'invalid_credentials');
    expect(await isClosed).toMatchObject({ state: 'closed', reason: 'session_ended' });
    expect(store.keys('')).toEqual([]);
  });

  test('of another user does not show the token in the store', async () => {
    const server = await aServer();
    const store = memoryStore();
    partOfIt(store).set('session', JSON.stringify({ username: 'bob', token: 'of bob' }));
    aClient(server, { store });
    expect(await (await server.next()).next('login')).not.toHaveProperty('session_token');
  });
});

test('that logs out ends the session, and removes the user from the store', async () => {
  const store = memoryStore();
  const server = await aServer();
  const chat = aClient(server, { store });
  const { peer } = await server.nextLoggedIn({ session_token: 'a token' });
  await vi.waitUntil(() => chat.state === 'online', 60_000);
  partOfIt(store).set('bob/started', '1');
  const isClosed = next(chat, 'state');
  const isOut = chat.logout();
  await peer.answer('logout');
  await isOut;
  expect(await isClosed).toEqual({ state: 'closed', reason: 'logged_out' });
  expect(partOfIt(store).keys('')).toEqual(['bob/started']);
});

describe('registering', () => {
  test('asks the server, and ends', async () => {
    const server = await aServer();
    const isDone = register({ url: server.url, username: 'ann', password: 'secret', webSocket: WebSocket });
    const peer = await server.next();
    expect(await peer.answer('register')).toMatchObject({ username: 'ann', password: 'secret' });
    await isDone;
    await peer.closed;
  });

  test('says why it was refused', async () => {
    const server = await aServer();
    const isDone = register({ url: server.url, username: 'ann', webSocket: WebSocket });
    const peer = await server.next();
    peer.refuse(await peer.next('register'), 'name_taken');
    await expect(isDone).rejects.toMatchObject({ code: 'name_taken', reason: 'It is name_taken.' });
  });

  test('fails if the server does not answer', async () => {
    const server = await aServer();
    server.close();
    const isDone = register({ url: server.url, username: 'ann', webSocket: WebSocket });
    await expect(isDone).rejects.toMatchObject({ code: 'unreachable' });
  });
});
