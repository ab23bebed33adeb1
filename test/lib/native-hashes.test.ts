import { expect, test } from 'vitest';
import { Md5, Sha256 } from '../../lib/native-hashes.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = async (hash: Sha256 | Md5) => Buffer.from(await hash.digest()).toString('hex');

// Source: FIPS 180-2, appendix B.1.
test('hashes are those of the standard, also in parts, and again after a reset', async () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  const hash = new Sha256();
  hash.update(bytes('ab'));
  hash.update(bytes('c'));
  expect(await hex(hash)).toBe(abc);
  hash.reset();
  hash.update(bytes('abc'));
  expect(await hex(hash)).toBe(abc);
});

// Source: RFC 4231, test case 2.
test.each(['Jefe', bytes('Jefe')])('with a secret it is an HMAC', async (secret) => {
  const hash = new Sha256(secret);
  hash.update(bytes('what do ya want for nothing?'));
  expect(await hex(hash)).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

// Source: RFC 1321, appendix A.5.
test('MD5 works, which SQS answers with', async () => {
  const hash = new Md5();
  hash.update(bytes('abc'));
  expect(await hex(hash)).toBe('900150983cd24fb0d6963f7d28e17f72');
});
