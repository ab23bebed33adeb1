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

test('with a token there is no password, and the name is as the provider writes it', async () => {
  const commanded = read('auth0|Ann --token-command true', { CHAT_TOKEN: 'other', CHAT_PASSWORD: 'secret' });
  expect(commanded).toMatchObject({ name: 'auth0|Ann', password: undefined });
  await expect(commanded.getToken?.()).rejects.toThrow('`true` printed no token');
  expect(await read('ann', { CHAT_TOKEN_COMMAND: 'echo a', CHAT_TOKEN: 'b' }).getToken?.()).toBe('a');
  expect(await read('ann', { CHAT_TOKEN: 'b' }).getToken?.()).toBe('b');
  expect(read('ann', { CHAT_TOKEN: '', CHAT_TOKEN_COMMAND: '' }).getToken).toBeUndefined();
});

test('with a token no name is needed', () => {
  const env = { CHAT_TOKEN: 'a' };
  expect(read('', env)).toMatchObject({ name: undefined, url: 'ws://localhost:3001' });
  expect(read('wss://there/prod', env)).toMatchObject({ name: undefined, url: 'wss://there/prod' });
  expect(read('Ann wss://there/prod', env)).toMatchObject({ name: 'Ann', url: 'wss://there/prod' });
  expect(() => read('wss://there/prod more', env)).toThrow('more');
  expect(() => read('wss://there/prod')).not.toThrow('NAME');
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
  ['alice --token-command x --register', '--token-command'],
  ['alice --token-command x --password y', '--token-command'],
  ['alice --colour', '--colour'],
])('%j is refused in one line that names what is wrong', (line, what) => {
  expect(() => read(line)).toThrow(what);
});
