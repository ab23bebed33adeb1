import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { partOfService, serviceOf } from '../../../clients/sdk/store.ts';
import { aServer } from './fake-server.ts';
import { aClient, next, pushFromBob } from './given.ts';

const ONE = 'wss://one.example/prod';
const OTHER = 'wss://other.example/prod';

function aFile(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'parley-services-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return fileStore(join(folder, 'store'));
}

/** Logs in at a service, where `bob` writes and what is sent stays unsent: all with the name of the service in it. */
async function beAt(url: string, store: Store, username = 'ann') {
  const server = await aServer();
  const chat = aClient(server, { url, store, username });
  const isCaughtUp = next(chat, 'caught-up');
  const { peer, login } = await server.nextLoggedIn({
    username,
    session_token: `token of ${username} at ${url}`,
  });
  await isCaughtUp;
  const isTold = next(chat, 'message');
  peer.push(pushFromBob(1, { content: `secret of ${username} at ${url}` }));
  await isTold;
  chat.send('bob', `unsent of ${username} at ${url}`);
  await peer.next('SEND_MESSAGE');
  return { server, chat, peer, login };
}

const contentOf = (store: Pick<Store, 'keys' | 'get'>) =>
  Object.fromEntries(store.keys('').map((key) => [key, store.get(key)]));

test.each<[string, () => Store]>([
  ['memory', memoryStore],
  ['a file', aFile],
])('of two services and two users on one store in %s, none gets anything of another', async (_, make) => {
  const store = make();
  const one = await beAt(ONE, store);
  one.chat.close();
  const before = contentOf(store);
  // The same name, and somebody else, at another service.
  const logins = [];
  for (const username of ['ann', 'carol']) {
    const { chat, login } = await beAt(OTHER, store, username);
    expect(chat.sendings.map(({ content }) => content)).toEqual([`unsent of ${username} at ${OTHER}`]);
    logins.push(login);
    chat.close();
  }
  expect(JSON.stringify(logins)).not.toContain('one.example');
  // Everything that is kept says whose it is.
  expect(contentOf(store)).toMatchObject(before);
  const others = partOfService(store, OTHER);
  expect(Object.keys(before).length + others.keys('').length).toBe(store.keys('').length);
  expect(JSON.stringify(contentOf(others))).not.toContain('one.example');
  expect(JSON.stringify(before)).toContain('token of ann at wss://one.example/prod');
  // Who logs out at one leaves the other as it is.
  const server = await aServer();
  const chat = aClient(server, { url: OTHER, store, username: 'ann' });
  await chat.logout();
  expect(contentOf(store)).toMatchObject(before);
  expect(JSON.stringify(contentOf(others))).not.toMatch(/secret of ann|unsent of ann/);
  expect(JSON.stringify(contentOf(others))).toContain('unsent of carol');
});

test('a session that ended without a connection is ended at its service only', async () => {
  const store = memoryStore();
  const { server, chat } = await beAt(ONE, store);
  server.close();
  await chat.logout();
  expect(partOfService(store, ONE).keys('')).toHaveLength(1);
  const elsewhere = await aServer();
  aClient(elsewhere, { url: OTHER, store });
  const frames = [(await (await elsewhere.next()).any()).type];
  expect([frames, elsewhere.untaken]).toEqual([['login'], 0]);
  expect(partOfService(store, ONE).keys('')).toHaveLength(1);
});

test.each([
  ['a query', `${ONE}?trace=1`],
  ['a slash at the end', `${ONE}/`],
  ['upper case in the host', 'wss://ONE.example/prod'],
  ['the port that it has anyway', 'wss://one.example:443/prod'],
])('a URL with %s leads to the same service', (_, url) => {
  expect(serviceOf(url)).toBe(serviceOf(ONE));
});

test.each([
  ['no TLS', 'ws://one.example/prod'],
  ['another port', 'wss://one.example:8443/prod'],
  ['another path', 'wss://one.example/dev'],
  ['a longer path', 'wss://one.example/prod/more'],
  ['a host that begins like it', 'wss://one.example.org/prod'],
])('a URL with %s leads to another service, of which no part is in that of the other', (_, url) => {
  const store = memoryStore();
  for (const each of [url, ONE]) partOfService(store, each).set('key', each);
  for (const each of [url, ONE]) expect(contentOf(partOfService(store, each))).toEqual({ key: each });
});
