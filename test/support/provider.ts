import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What of a token is other than usual. */
interface TokenOptions {
  key?: KeyObject;
  header?: object;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

interface ProviderOptions {
  /** Whose tokens they are; absent, the server's own address. */
  issuer?: string;
  /** Where the keys are (`/.well-known/jwks.json`). */
  keysAt?: string;
  /** What else is answered: path → body. */
  pages?: (base: string) => Record<string, unknown>;
}

/** An identity provider: its keys are served, and it signs tokens for an audience. */
export async function startProvider(
  audience: string,
  { issuer, keysAt = '/.well-known/jwks.json', pages = () => ({}) }: ProviderOptions = {},
) {
  let keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwkOf = (kid: string) => ({
    ...keys.publicKey.export({ format: 'jwk' }),
    ...{ kid, alg: 'RS256', use: 'sig' },
  });
  let jwk = jwkOf('k1');
  const state = { down: false, cut: false, asked: [] as string[] };
  const server = createServer(({ url = '' }, response) => {
    state.asked.push(url);
    const body = { [keysAt]: { keys: [jwk] }, ...pages(base) }[url];
    response.statusCode = state.down ? 503 : body === undefined ? 404 : 200;
    if (state.cut) {
      response.writeHead(200, { 'Content-Length': 100 }).write('{', () => response.destroy());
      return;
    }
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  const iss = issuer ?? base;

  /** The claims that a token has, unless others are given. */
  const claimsOf = (claims: object) => {
    const seconds = Math.floor(Date.now() / 1000);
    return { iss, aud: audience, sub: '1', iat: seconds, exp: seconds + 600, ...claims };
  };
  return {
    /** Whether its keys cannot be had, or its answers end in the middle; and the paths that it was asked for. */
    state,
    issuer: iss,
    jwksUri: base + keysAt,
    /** From now on it has another key, of the same id or of another. */
    replaceKey(kid: string) {
      keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
      jwk = jwkOf(kid);
    },
    /** A token as it signs it, or as somebody else would. */
    tokenOf(claims: object, { key = keys.privateKey, header = {} }: TokenOptions = {}): string {
      const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'k1', ...header })}.${part(claimsOf(claims))}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    },
    /** A token whose signature is made by anybody who knows the public key: by HMAC. */
    forgedOf(claims: object): string {
      const secret = keys.publicKey.export({ type: 'spki', format: 'pem' });
      const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${part(claimsOf(claims))}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
    close: () => server.close(),
  };
}
