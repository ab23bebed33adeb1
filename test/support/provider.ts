import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What of a token is other than usual. */
interface TokenOptions {
  key?: KeyObject;
  header?: object;
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An identity provider: its keys are served, and it signs tokens for an audience. */
export async function startProvider(issuer: string, audience: string) {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
  const state = { down: false };
  const server = createServer((_, response) => {
    response.statusCode = state.down ? 503 : 200;
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    /** Whether its keys cannot be had. */
    state,
    jwksUri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    /** A token as it signs it, or as somebody else would. */
    tokenOf(claims: object, { key = keys.privateKey, header = {} }: TokenOptions = {}): string {
      const seconds = Math.floor(Date.now() / 1000);
      const all = { iss: issuer, aud: audience, sub: '1', iat: seconds, exp: seconds + 600, ...claims };
      const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: 'k1', ...header })}.${part(all)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
    },
    close: () => server.close(),
  };
}
