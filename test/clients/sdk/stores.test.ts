import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { browserStore } from '../../../clients/sdk/browser-store.ts';
import type { Store } from '../../../clients/sdk/chat.ts';
import { fileStore } from '../../../clients/sdk/file-store.ts';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';

/** A `localStorage` that takes so many characters. */
function aStorage(room = Number.POSITIVE_INFINITY) {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index: number) => [...items.keys()][index] ?? null,
    getItem: (key: string) => items.get(key) ?? null,
    setItem(key: string, value: string) {
      const others = [...items].filter(([each]) => each !== key).flat();
      if ([...others, key, value].join('').length > room) throw new Error('QuotaExceededError');
      items.set(key, value);
    },
    removeItem: (key: string) => void items.delete(key),
  };
}

const raise = () => {
  throw new Error('SecurityError');
};

function aPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'deep', 'store');
}

describe.each<[string, () => Store]>([
  ['in memory', memoryStore],
  ['in the browser', () => browserStore(aStorage())],
  ['in a file', () => fileStore(aPath())],
])('a store %s', (_, make) => {
  test('returns what was set', () => {
    const store = make();
    expect(store.get('a')).toBeUndefined();
    store.set('a', 'one\ntwo "three" ✓');
    expect(store.get('a')).toBe('one\ntwo "three" ✓');
    store.set('a', '');
    expect(store.get('a')).toBe('');
    store.set('a', undefined);
    expect(store.get('a')).toBeUndefined();
  });

  test('lists keys by prefix', () => {
    const store = make();
    for (const key of ['a/1', 'a/2', 'b/1']) store.set(key, 'x');
    expect(store.keys('a/').sort()).toEqual(['a/1', 'a/2']);
    expect(store.keys('').sort()).toEqual(['a/1', 'a/2', 'b/1']);
    store.set('a/1', undefined);
    expect(store.keys('a/')).toEqual(['a/2']);
  });
});

describe('a store in the browser', () => {
  test('leaves other keys alone', () => {
    const storage = aStorage();
    storage.setItem('theirs', 'x');
    expect(browserStore(storage).keys('')).toEqual([]);
  });

  test('makes room by dropping cached messages', () => {
    const store = browserStore(aStorage(100));
    store.set('it/ann/m/ann:bob/1', 'x'.repeat(60));
    store.set('it/ann/o/1', 'y'.repeat(50));
    expect(store.keys('')).toEqual(['it/ann/o/1']);
  });

  test('keeps in memory what has no room even then, and says so', () => {
    const storage = aStorage(100);
    const store = browserStore(storage);
    store.set('it/ann/o/1', 'short');
    store.set('it/session', 'ann');
    expect(store.unkept).toBeUndefined();
    store.set('it/ann/o/1', 'y'.repeat(100));
    store.set('it/session', 'z'.repeat(100));
    expect(store.get('it/ann/o/1')).toBe('y'.repeat(100));
    expect(store.keys('it/').sort()).toEqual(['it/ann/o/1', 'it/session']);
    expect(store.unkept).toBe('some');
    // After a restart there is what it took last, but nobody who was here before.
    const again = browserStore(storage);
    expect(again.keys('').map((key) => [key, again.get(key)])).toEqual([['it/ann/o/1', 'short']]);
    store.set('it/session', undefined);
    store.set('it/ann/o/1', 'shorter');
    expect([again.get('it/ann/o/1'), store.unkept]).toEqual(['shorter', undefined]);
  });

  test('takes what was in memory once there is room', () => {
    const storage = aStorage(100);
    const store = browserStore(storage);
    store.set('it/ann/o/1', 'y'.repeat(60));
    store.set('it/ann/o/2', 'z'.repeat(60));
    expect(browserStore(storage).keys('')).toEqual(['it/ann/o/1']);
    store.set('it/ann/o/1', undefined);
    expect([browserStore(storage).keys(''), store.unkept]).toEqual([['it/ann/o/2'], undefined]);
  });

  test('leaves out cached messages that have no room, which the service has', () => {
    const store = browserStore(aStorage(100));
    store.set('it/ann/m/ann:bob/1', 'x');
    store.set('it/ann/m/ann:bob/1', 'x'.repeat(100));
    expect(store.keys('')).toEqual([]);
    expect(store.unkept).toBeUndefined();
  });

  test.each<[string, () => unknown]>([
    ['refuses to say what is stored', () => raise()],
    ['refuses its use', () => ({ ...aStorage(), length: undefined })],
    ['has none', () => undefined],
  ])('is in memory where the browser %s', (_, get) => {
    vi.stubGlobal('localStorage', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    Object.defineProperty(globalThis, 'localStorage', { get, configurable: true });
    const store = browserStore();
    expect(store.unkept).toBe('all');
    store.set('a', '1');
    expect(store.get('a')).toBe('1');
    expect(store.keys('')).toEqual(['a']);
  });

  test('tells which of its keys another tab has changed, until it is stopped', () => {
    const listeners = new Set<(event: object) => void>();
    vi.stubGlobal('addEventListener', (_: string, each: (event: object) => void) => listeners.add(each));
    vi.stubGlobal('removeEventListener', (_: string, each: (event: object) => void) =>
      listeners.delete(each),
    );
    onTestFinished(() => void vi.unstubAllGlobals());
    const storageArea = aStorage();
    const keys: string[] = [];
    const stop = browserStore(storageArea).watch?.((key) => keys.push(key));
    const happens = (event: object) => {
      for (const each of listeners) each(event);
    };
    happens({ storageArea, key: 'parley/session' });
    happens({ storageArea, key: 'theirs' });
    happens({ storageArea, key: null });
    happens({ storageArea: aStorage(), key: 'parley/session' });
    expect(keys).toEqual(['session']);
    stop?.();
    expect(listeners.size).toBe(0);
  });
});

describe('a store in a file', () => {
  test('keeps its content over a restart', () => {
    const path = aPath();
    const store = fileStore(path);
    store.set('a', '1');
    store.set('b', '1');
    store.set('a', '2');
    store.set('b', undefined);
    const after = fileStore(path);
    expect(after.keys('')).toEqual(['a']);
    expect(after.get('a')).toBe('2');
  });

  test('is readable for its owner alone', () => {
    const path = aPath();
    fileStore(path).set('session', 'secret');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('loses at most a line that was cut off', () => {
    const path = aPath();
    fileStore(path).set('a', '1');
    appendFileSync(path, '["b","2');
    const after = fileStore(path);
    expect(after.get('a')).toBe('1');
    after.set('c', '3');
    expect(fileStore(path).keys('').sort()).toEqual(['a', 'c']);
  });

  test('has nothing of replaced or removed values in its file, and all others', () => {
    const path = aPath();
    const store = fileStore(path);
    const content = () => readFileSync(path, 'utf8');
    store.set('kept', 'kept ✓');
    for (const text of ['secret-one', 'secret-two ✓✓', '']) store.set('m/ann:bob/1', text);
    store.set('m/ann:bob/2', 'secret-three');
    store.set('m/ann:bob/2', undefined);
    expect(content()).not.toMatch(/secret|ann:bob\/2/);
    store.set('m/ann:bob/2', 'new');
    for (const each of [store, fileStore(path)])
      expect(each.keys('').map((key) => each.get(key))).toEqual(['kept ✓', '', 'new']);
  });

  test('can be compacted to what it holds', () => {
    const path = aPath();
    const store = fileStore(path);
    for (const key of ['a', 'b', 'c']) store.set(key, 'secret');
    store.set('a', undefined);
    store.set('c', undefined);
    store.compact?.();
    expect(readFileSync(path, 'utf8')).toBe('["b","secret"]\n');
    store.set('b', undefined);
    store.set('d', '1');
    expect([...fileStore(path).keys('')]).toEqual(['d']);
  });

  test('of a process that was killed between a new line and the removal of the old one has the new value', () => {
    const path = aPath();
    fileStore(path).set('a', 'old');
    appendFileSync(path, '["a","new"]\n     \n');
    expect(fileStore(path).get('a')).toBe('new');
    expect(readFileSync(path, 'utf8')).not.toContain('old');
  });

  test('does not grow with every change', () => {
    const path = aPath();
    const store = fileStore(path);
    for (let count = 0; count <= 5000; count++) store.set('cursor', `${count}`);
    expect(statSync(path).size).toBeLessThan(32 * 1024);
    expect(fileStore(path).get('cursor')).toBe('5000');
  });
});
