import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readArguments } from '../../terminal/arguments.ts';
import { openStore } from '../../terminal/own-store.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const given = (store: string, name = 'alice', url = 'ws://here:1/prod') =>
  readArguments([name, url, '--store', store], {});

test('what is kept is there the next time, for this user of this service only', () => {
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
  ]) {
    const store = openStore(other);
    expect(store.store.get('a')).toBeUndefined();
    store.release();
  }
});

test('a second process keeps nothing, and takes nothing from the first', () => {
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

test('what a killed process has left is no hindrance', () => {
  const path = folder();
  const first = openStore(given(path));
  first.release();
  const [service = ''] = readdirSync(path);
  const { pid } = spawnSync('true');
  writeFileSync(join(path, service, 'alice.lock'), `${pid}`);
  const next = openStore(given(path));
  expect(next.isTaken).toBe(false);
  next.release();
});

test('a lock that was given back is not taken from who has it then', () => {
  const path = folder();
  const first = openStore(given(path));
  first.release();
  const second = openStore(given(path));
  first.release();
  expect(openStore(given(path)).isTaken).toBe(true);
  second.release();
});

test('nobody else may read it, and a name leads to no other folder', () => {
  const path = folder();
  const { release } = openStore(given(path, '../../evil'));
  const [service = '', ...others] = readdirSync(path);
  expect(others).toEqual([]);
  expect(readdirSync(join(path, service)).sort()).toEqual(['..%2F..%2Fevil.jsonl', '..%2F..%2Fevil.lock']);
  expect(statSync(join(path, service)).mode & 0o077).toBe(0);
  expect(statSync(join(path, service, '..%2F..%2Fevil.jsonl')).mode & 0o077).toBe(0);
  release();
});

test('without a folder, nothing is written', () => {
  const { store } = openStore(readArguments(['alice', '--memory'], {}));
  store.set('a', '1');
  expect(store.get('a')).toBe('1');
});
