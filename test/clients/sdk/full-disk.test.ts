import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { partOfIt } from './given.ts';

/** Whether files can't grow: `writeSync` writes what is within the file, and of what is behind its end half. */
let isFull = false;

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync(file: number, bytes: Uint8Array, from: number, length: number, at: number) {
      const room = fs.fstatSync(file).size - at;
      if (!isFull || length <= room) return fs.writeSync(file, bytes, from, length, at);
      fs.writeSync(file, bytes, from, Math.ceil(length / 2), at);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
  };
});

const { fileStore } = await import('../../../clients/sdk/file-store.ts');
const { aServer } = await import('./fake-server.ts');
const { aClient, receipt } = await import('./given.ts');

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
