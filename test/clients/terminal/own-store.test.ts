import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endedKey } from '../../../clients/sdk/ended.ts';
import { partOfUser } from '../../../clients/sdk/store.ts';
import { openStore } from '../../../clients/terminal/own-store.ts';
import { readArguments } from './read-arguments.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const given = (store: string, name = 'alice', url = 'ws://here:1/prod') =>
  readArguments([name, url, '--store', store], {});

test('a store keeps its content for one user of one service', () => {
  const path = folder();
  const first = openStore(given(path));
  first.store.set('a', '1');
  first.release();
  const again = openStore(given(path));
  expect([again.store.get('a'), again.isTaken]).toEqual(['1', false]);
  again.release();
  for (const other of [
    given(path, 'bob'),
    given(path, 'alice', 'ws://here:1/dev'),
    given(path, 'alice', 'ws://there/prod'),
    given(path, 'alice', 'wss://here:1/prod'),
  ]) {
    const store = openStore(other);
    expect(store.store.get('a')).toBeUndefined();
    store.release();
  }
});

test('a second process stores nothing, and takes nothing from the first', () => {
  const path = folder();
  const first = openStore(given(path));
  first.store.set('a', '1');
  const second = openStore(given(path));
  expect([second.isTaken, second.store.get('a')]).toEqual([true, undefined]);
  second.release();
  expect(openStore(given(path)).isTaken).toBe(true);
  first.release();
  const third = openStore(given(path));
  expect(third.isTaken).toBe(false);
  third.release();
});

/** The lock of a process, and what it says. */
function aLock() {
  const path = folder();
  const first = openStore(given(path));
  const [service = ''] = readdirSync(path);
  const lock = join(path, service, 'alice.lock');
  const holder = JSON.parse(readFileSync(lock, 'utf8'));
  first.release();
  return { path, lock, holder };
}

test.each([
  ['that was killed', () => ({ pid: spawnSync('true').pid })],
  ['whose number another process has by now', () => ({ began: 'another boot 1' })],
  ['that had no number', () => ({ pid: 0 })],
])('the lock of a process %s is ignored', (_, left) => {
  const { path, lock, holder } = aLock();
  writeFileSync(lock, JSON.stringify({ ...holder, ...left() }));
  const next = openStore(given(path));
  expect(next.isTaken).toBe(false);
  next.release();
  expect(existsSync(lock)).toBe(false);
});

test.each([
  ['a machine that shares the folder', { host: 'elsewhere' }],
  ['a process that was killed as it wrote it, or of another make', undefined],
])('the lock of %s holds until it has not been touched for a long time', (_, other) => {
  const { path, lock, holder } = aLock();
  writeFileSync(lock, other ? JSON.stringify({ ...holder, ...other }) : '4711');
  expect(openStore(given(path)).isTaken).toBe(true);
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(lock, longAgo, longAgo);
  const next = openStore(given(path));
  expect(next.isTaken).toBe(false);
  next.release();
});

test('a process that lost its lock neither takes it back nor removes it', () => {
  const path = folder();
  const first = openStore(given(path));
  const [service = ''] = readdirSync(path);
  const lock = join(path, service, 'alice.lock');
  writeFileSync(lock, 'of another');
  first.release();
  expect(readFileSync(lock, 'utf8')).toBe('of another');
});

test('a lock that was released is not removed from its next holder', () => {
  const path = folder();
  const first = openStore(given(path));
  first.release();
  const second = openStore(given(path));
  first.release();
  expect(openStore(given(path)).isTaken).toBe(true);
  second.release();
});

test('only its owner can read it, and a name leads to no other folder', () => {
  const path = folder();
  const { release } = openStore(given(path, '../../evil'));
  const [service = '', ...others] = readdirSync(path);
  expect(others).toEqual([]);
  expect(readdirSync(join(path, service)).sort()).toEqual(['..%2f..%2fevil.jsonl', '..%2f..%2fevil.lock']);
  expect(statSync(join(path, service)).mode & 0o077).toBe(0);
  expect(statSync(join(path, service, '..%2f..%2fevil.jsonl')).mode & 0o077).toBe(0);
  release();
});

test('without a name, the first key says whose store it is', () => {
  const path = folder();
  const nameless = () => readArguments(['ws://here:1/prod', '--store', path], { CHAT_TOKEN: 'a' });
  const first = openStore(nameless());
  expect([first.store.get('session'), first.store.keys(endedKey(''))]).toEqual([undefined, []]);
  expect(readdirSync(path)).toEqual([]);
  const part = `${encodeURIComponent('ws://here:1/prod')}/${partOfUser('auth0|Ann')}`;
  const key = `${part}c/#team`;
  first.store.set(key, '7');
  expect([first.store.get(key), first.store.keys(part), first.isTaken]).toEqual([...['7', [key], false]]);
  const taken = openStore(nameless());
  expect([taken.store.get(key), taken.isTaken]).toEqual([undefined, true]);
  first.release();
  const named = openStore(
    readArguments(['auth0|Ann', 'ws://here:1/prod', '--store', path], { CHAT_TOKEN: 'a' }),
  );
  expect([named.store.get(key), named.isTaken]).toEqual(['7', false]);
  named.release();
});

test('without a folder, nothing is written', () => {
  const { store } = openStore(readArguments(['alice', '--memory'], {}));
  store.set('a', '1');
  expect(store.get('a')).toBe('1');
});
