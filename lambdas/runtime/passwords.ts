import { createHash, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../../chat/ports.ts';

// scrypt with OWASP's first choice of parameters (Password Storage Cheat Sheet): N = 2^17, r = 8, p = 1, which takes
// 128 MiB and about 0.4 s of a full core. The functions that run it get enough memory (lib/parley.ts).
const TODAY = { ln: 17, r: 8, p: 1 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const TOKEN_BYTES = 32;

interface Parameters {
  /** N's logarithm to base 2. */
  ln: number;
  r: number;
  p: number;
}

// PHC string format: each hash carries its parameters, so that they can be raised while older hashes remain readable.
const PHC = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

const encoded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

const written = ({ ln, r, p }: Parameters, salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${encoded(salt)}$${encoded(key)}`;

function read(hash: string): { parameters: Parameters; salt: Buffer; key: Buffer } {
  const [, ln, r, p, salt, key] = PHC.exec(hash) ?? [];
  if (salt === undefined || key === undefined) throw new Error('A stored password hash cannot be read');
  const parameters = { ln: Number(ln), r: Number(r), p: Number(p) };
  return { parameters, salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') };
}

function derive(password: string, salt: Buffer, { ln, r, p }: Parameters): Promise<Buffer> {
  const N = 2 ** ln;
  // Node's default of 32 MiB is too little. Twice the need leaves room for Node's own accounting.
  const options: ScryptOptions = { N, r, p, maxmem: 2 * 128 * N * r };
  // Keyboards may produce different code points for the same password, so normalise it (RFC 8265).
  const text = password.normalize('NFC');
  return new Promise((done, fail) =>
    scrypt(text, salt, KEY_BYTES, options, (error, key) => (error ? fail(error) : done(key))),
  );
}

// The hash that a password is compared with if the user has none, so that the comparison takes as long as any.
const NOBODY = written(TODAY, Buffer.alloc(SALT_BYTES), Buffer.alloc(KEY_BYTES));

/** Hashes passwords with scrypt, and tokens with SHA-256: a fast digest suffices for them because they are random. */
export const passwordsAndTokens: Secrets = {
  async hash(password) {
    const salt = randomBytes(SALT_BYTES);
    return written(TODAY, salt, await derive(password, salt, TODAY));
  },

  async matches(password, hash) {
    const { parameters, salt, key } = read(hash ?? NOBODY);
    const same = timingSafeEqual(await derive(password, salt, parameters), key);
    return same && hash !== undefined;
  },

  newToken: () => randomBytes(TOKEN_BYTES).toString('base64url'),

  digest,
};

/** SHA-256, in 43 characters. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
