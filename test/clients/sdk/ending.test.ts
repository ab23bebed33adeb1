import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { StateChange, Store } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { aServer } from './fake-server.ts';
import { aClient, next, online, partOfIt, pushFromBob } from './given.ts';

/** Whoever is cut off does not come back by itself while the test lasts. */
const LONG = { random: () => 0.01, timing: { retryFirst: 3_600_000, retryMost: 3_600_000 } };

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-ending-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('a session that was ended elsewhere', () => {
  const isEnded = { type: 'SESSION_ENDED', code: 'password_changed', reason: 'Your password was changed.' };

  test('closes its client, which gives the reason, keeps unsent messages, and never reconnects', async () => {
    const store = memoryStore();
    const server = await aServer();
    const chat = aClient(server, { store, password: 'old' });
    const isOnline = next(chat, 'state', ({ state }) => state === 'online');
    const { peer } = await server.nextLoggedIn({ session_token: 'a token' });
    await isOnline;
    expect(partOfIt(store).get('session')).toContain('a token');
    const frames: unknown[] = [];
    chat.on('SESSION_ENDED', (frame) => frames.push(frame));
    const sending = chat.send('bob', 'not sent yet');
    await peer.next('SEND_MESSAGE');
    const isClosed = next(chat, 'state');
    peer.push(isEnded);
    expect(await isClosed).toEqual({
      state: 'closed',
      reason: 'password_changed',
      detail: 'Your password was changed.',
    });
    expect(frames).toEqual([isEnded]);
    await peer.closed;
    await expect(chat.request({ type: 'ping' })).rejects.toMatchObject({ code: 'closed' });
    expect(partOfIt(store).get('session')).toBeUndefined();
    // Whoever logs in again goes on with it; nobody else has connected in between.
    const back = aClient(server, { store, password: 'new' });
    expect(back.sendings.map(({ id }) => id)).toEqual([sending.id]);
    const { login } = await server.nextLoggedIn();
    expect(login).toMatchObject({ password: 'new' });
  });

  test('while its login is running closes it too', async () => {
    const server = await aServer();
    const chat = aClient(server);
    const peer = await server.next();
    const isClosed = next(chat, 'state');
    await peer.next('login');
    peer.push(isEnded);
    expect(await isClosed).toEqual({
      state: 'closed',
      reason: 'password_changed',
      detail: 'Your password was changed.',
    });
  });

  test('of a connection that was already replaced ends nothing else', async () => {
    const { server, chat, peer } = await online({ timing: { renew: 100 } });
    const states: StateChange[] = [];
    chat.on('state', (change) => states.push(change));
    // Keeps the first one open.
    const late = chat.request({ type: 'list_chats' });
    const asked = await peer.next('list_chats');
    const isOver = next(chat, 'caught-up');
    const { peer: second } = await server.nextLoggedIn();
    await isOver;
    const told = next(chat, 'SESSION_ENDED');
    peer.push(isEnded);
    await told;
    peer.reply(asked, { chats: [] });
    await late;
    const pong = chat.request({ type: 'ping' });
    await second.answer('ping');
    await pong;
    expect(states).toEqual([]);
  });

  test.each([
    ['its password, which is another by now', 'old', ['token', 'old'], 'session_ended'],
    ['its name alone, of a user who has a password', undefined, ['token', undefined], 'session_ended'],
  ])('while it was offline ends it after %s', async (_, password, shown, reason) => {
    const { server, chat, peer } = await online({ sessionToken: 'token', password });
    const isClosed = next(chat, 'state', ({ state }) => state === 'closed');
    peer.cut();
    const again = await server.next();
    const logins: unknown[] = [];
    for (const _ of shown) {
      const login = await again.next('login');
      logins.push(login.session_token ?? login.password);
      again.refuse(login, 'invalid_credentials');
    }
    expect(await isClosed).toMatchObject({ state: 'closed', reason });
    expect(logins).toEqual(shown);
  });

  test('differs from a password that was wrong from the beginning', async () => {
    const server = await aServer();
    const chat = aClient(server, { sessionToken: 'expired', password: 'wrong' });
    const peer = await server.next();
    const isClosed = next(chat, 'state');
    for (let tries = 0; tries < 2; tries++) peer.refuse(await peer.next('login'), 'invalid_credentials');
    expect(await isClosed).toMatchObject({ state: 'closed', reason: 'invalid_credentials' });
  });
});

describe('logging out', () => {
  const kept = (store: Store) =>
    store
      .keys('')
      .map((key) => `${key}=${store.get(key)}`)
      .join('\n');

  /** Of a user who has a session, a message, and something that is not sent yet. */
  async function withTraces(store: Store, options: Parameters<typeof aClient>[1] = {}) {
    const server = await aServer();
    const chat = aClient(server, { store, ...options });
    const isOnline = next(chat, 'caught-up');
    const { peer } = await server.nextLoggedIn({ session_token: 'a-token' });
    await isOnline;
    const told = next(chat, 'message');
    peer.push(pushFromBob(1, { content: 'PRIVATE of bob' }));
    await told;
    chat.send('bob', 'PRIVATE of ann');
    await peer.next('SEND_MESSAGE');
    for (const who of ['ann', 'bob']) expect(kept(store)).toContain(`PRIVATE of ${who}`);
    return { server, chat, peer };
  }

  test('leaves nothing in the store, also not what arrives while the server is asked', async () => {
    const store = memoryStore();
    const { chat, peer } = await withTraces(store);
    const isOut = chat.logout();
    expect(kept(store)).not.toMatch(/PRIVATE|ann/);
    const asked = await peer.next('logout');
    const told = next(chat, 'message');
    peer.push(pushFromBob(2, { content: 'PRIVATE and late' }));
    await told;
    expect(kept(store)).not.toMatch(/PRIVATE|ann/);
    peer.reply(asked);
    await isOut;
    expect(kept(store)).toBe('');
    expect(chat.state).toBe('closed');
  });

  test('leaves nothing in the file, which is checked byte by byte', async () => {
    const path = join(aFolder(), 'store');
    const { chat, peer } = await withTraces(fileStore(path));
    const isOut = chat.logout();
    await peer.answer('logout');
    await isOut;
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('by the plain request does the same', async () => {
    const store = memoryStore();
    const { chat, peer } = await withTraces(store);
    const isClosed = next(chat, 'state');
    const isOut = chat.request({ type: 'logout', everywhere: true });
    expect(await peer.answer('logout')).toMatchObject({ everywhere: true });
    await isOut;
    expect(await isClosed).toEqual({ state: 'closed', reason: 'logged_out' });
    expect(kept(store)).toBe('');
  });

  test('without a connection forgets at once, and ends the session later without logging in', async () => {
    const store = memoryStore();
    const { server, chat } = await withTraces(store);
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    server.close();
    await waits;
    const isOut = chat.logout();
    expect([store.keys('').length, partOfIt(store).keys('')]).toEqual([1, ['=ended/a-token']]);
    await isOut;
    expect(chat.state).toBe('closed');
    const back = await aServer(Number(new URL(server.url).port));
    expect(await (await back.next()).answer('logout')).toMatchObject({ session_token: 'a-token' });
    await vi.waitUntil(() => kept(store) === '', 60_000);
  });

  test('without a connection ends the session later without a store, too', async () => {
    const server = await aServer();
    const chat = aClient(server, { sessionToken: 'a-token' });
    const { peer } = await server.nextLoggedIn();
    const waits = next(chat, 'state', ({ state }) => state === 'waiting');
    server.close();
    peer.cut();
    await waits;
    await chat.logout();
    const back = await aServer(Number(new URL(server.url).port));
    expect(await (await back.next()).answer('logout')).toMatchObject({ session_token: 'a-token' });
  });

  test('without an answer is completed later', async () => {
    const store = memoryStore();
    const { server, chat, peer } = await withTraces(store, LONG);
    const isOut = chat.logout();
    await peer.next('logout');
    peer.cut();
    await isOut;
    expect(await (await server.next()).answer('logout')).toMatchObject({ session_token: 'a-token' });
    await vi.waitUntil(() => kept(store) === '', 60_000);
  });

  test('is completed by the next start of any user, once, and on the same service only', async () => {
    const store = memoryStore();
    const server = await aServer();
    store.set('ws%3A%2F%2Fanother.example/=ended/other', '1');
    for (const token of ['one', 'two']) partOfIt(store).set(`=ended/${token}`, '1');
    aClient(server, { store, username: 'cid' });
    const tokens: unknown[] = [];
    while (tokens.length < 2) {
      const peer = await server.next();
      const frame = await peer.any();
      if (frame.type !== 'logout') continue;
      tokens.push(frame.session_token);
      peer.reply(frame);
    }
    expect(tokens).toEqual(['one', 'two']);
    await vi.waitUntil(() => kept(store) === 'ws%3A%2F%2Fanother.example/=ended/other=1', 60_000);
  });
});
