import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { aServer } from './fake-server.ts';
import { aClient, partOfIt, receipt } from './given.ts';

/** Whether files can't grow: `writeSync` writes what is within the file, and of what is behind its end half. */
let isFull = false;

// Not by `vi.mock`: another file of this worker may have loaded the store already.
const { writeSync } = fs;
const writing = vi.spyOn(fs, 'writeSync').mockImplementation(((
  file: number,
  bytes: Uint8Array,
  from: number,
  length: number,
  at: number,
) => {
  if (!isFull || length <= fs.fstatSync(file).size - at) return writeSync(file, bytes, from, length, at);
  writeSync(file, bytes, from, Math.ceil(length / 2), at);
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}) as typeof fs.writeSync);
syncBuiltinESMExports();
afterAll(() => {
  writing.mockRestore();
  syncBuiltinESMExports();
});

beforeEach(() => {
  isFull = false;
});

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-full-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'store');
}

test('a store in a file on a full disk keeps in memory what it can’t write, and what it wrote before', () => {
  const path = aPath();
  const store = fileStore(path);
  store.set('a', 'old');
  store.set('gone', 'secret');
  isFull = true;
  store.set('a', 'a longer one');
  store.set('b', 'new');
  store.set('gone', undefined);
  expect(store.unkept).toBe('some');
  expect(['a', 'b', 'gone'].map((key) => store.get(key))).toEqual(['a longer one', 'new', undefined]);
  const kept = readFileSync(path, 'utf8');
  expect(kept).toContain('old');
  expect(kept).not.toMatch(/longer|new|secret/);
  // As long as before.
  store.set('a', 'two');
  expect(readFileSync(path, 'utf8')).toContain('two');
  isFull = false;
  store.set('c', '3');
  expect(store.unkept).toBeUndefined();
  const after = fileStore(path);
  expect(['a', 'b', 'c', 'gone'].map((key) => after.get(key))).toEqual(['two', 'new', '3', undefined]);
});

test('a message on a full disk is sent once, and again with the same key if the program dies', async () => {
  const path = aPath();
  const store = fileStore(path);
  const server = await aServer();
  const chat = aClient(server, { store });
  const { peer } = await server.nextLoggedIn();
  chat.send('carol', 'before');
  isFull = true;
  const sending = chat.send('bob', 'hi');
  expect([chat.sendings.length, store.unkept]).toEqual([2, 'some']);
  const before = await peer.next('SEND_MESSAGE');
  expect(await peer.answer('SEND_MESSAGE', receipt(1))).toMatchObject({ content: 'hi' });
  await sending.message;
  expect(chat.sendings.map(({ content }) => content)).toEqual(['before']);
  chat.close();
  isFull = false;
  // Another process finds the file.
  const again = aClient(server, { store: fileStore(path) });
  expect(again.sendings.map(({ content }) => content)).toEqual(['before']);
  const { peer: next } = await server.nextLoggedIn();
  const { request_id: _, ...asked } = before;
  expect(await next.next('SEND_MESSAGE')).toMatchObject(asked);
  expect(partOfIt(store).keys('ann/o/')).toHaveLength(1);
});
