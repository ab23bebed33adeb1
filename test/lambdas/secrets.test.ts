import { expect, test } from 'vitest';
import { passwordsAndTokens as secrets } from '../../lambdas/runtime/passwords.ts';

test('a password matches its hash, which has its parameters and nothing of the password', async () => {
  const hash = await secrets.hash('correct-horse');
  expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await secrets.matches('correct-horse', hash)).toBe(true);
  expect(await secrets.matches('correct-horsf', hash)).toBe(false);
});

test('two hashes of one password differ', async () => {
  expect(await secrets.hash('same')).not.toBe(await secrets.hash('same'));
});

test('hashes with other parameters can still be read', async () => {
  const { scryptSync } = await import('node:crypto');
  const key = scryptSync('secret', 'saltsalt', 32, { N: 1024, r: 4, p: 2 })
    .toString('base64')
    .replace(/=+$/, '');
  const hash = `$scrypt$ln=10,r=4,p=2$${Buffer.from('saltsalt').toString('base64').replace(/=+$/, '')}$${key}`;
  expect(await secrets.matches('secret', hash)).toBe(true);
  expect(await secrets.matches('Secret', hash)).toBe(false);
});

test('nothing matches an absent hash', async () => {
  expect(await secrets.matches('', undefined)).toBe(false);
});

test('a hash that cannot be read is an error', async () => {
  await expect(secrets.matches('x', 'secret')).rejects.toThrow('cannot be read');
});

test('a password typed as other code points for the same characters is the same', async () => {
  expect(await secrets.matches('caf\u00e9', await secrets.hash('cafe\u0301'))).toBe(true);
});

test('tokens have 256 bits, differ from each other, and their digests reveal nothing', () => {
  const tokens = Array.from({ length: 100 }, () => secrets.newToken());
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  expect(secrets.digest('a')).toMatch(/^[\w-]{43}$/);
  expect(secrets.digest('a')).not.toBe(secrets.digest('b'));
});
