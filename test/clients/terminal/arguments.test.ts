import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments } from './read-arguments.ts';

const read = (line: string, env: NodeJS.ProcessEnv = {}) =>
  readArguments(line.split(' ').filter(Boolean), env);

test('a name is enough', () => {
  expect(read('Alice')).toMatchObject({
    ...{ name: 'alice', url: 'ws://localhost:3001', store: join(homedir(), '.parley') },
    ...{ password: undefined, json: false, follow: false, register: false },
  });
});

test('the password may come from where others cannot see it', () => {
  expect(read('alice', { CHAT_PASSWORD: 'secret' }).password).toBe('secret');
  expect(read('alice --password other', { CHAT_PASSWORD: 'secret' }).password).toBe('other');
  expect(read('alice', { CHAT_PASSWORD: '' }).password).toBeUndefined();
});

test('state is kept where one says, or nowhere', () => {
  expect(read('alice --store /tmp/x').store).toBe('/tmp/x');
  expect(read('alice --memory').store).toBeUndefined();
});

test.each([
  ['', 'NAME'],
  ['alice http://here', 'http://here'],
  ['alice ws://', 'ws://'],
  ['alice ws://here more', 'more'],
  ['alice --memory --store x', '--store'],
  ['alice --colour', '--colour'],
])('%j is refused in one line that names what is wrong', (line, what) => {
  expect(() => read(line)).toThrow(what);
});
