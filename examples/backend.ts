// A backend that is its own identity provider: npx tsx examples/backend.ts [PORT] [CHAT_PAGE]. See docs/identity.md.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [port = '8080', chatPage = 'http://localhost:3001'] = process.argv.slice(2);
const MINUTES = 15;
// Yours keeps its key: with a new one, the tokens of before are invalid.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const kid = randomUUID();
const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] };
const passwords = new Map([
  ['alice@example.com', 'wonderland'],
  ['bob@example.com', 'builder'],
]);

// Shows Parley's page, and hands it tokens.
const app = readFileSync(new URL('app.html', import.meta.url), 'utf8').replace('CHAT_PAGE', chatPage);

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JSON Web Token that says who somebody is. */
function tokenFor(user: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: 'chat', sub: user, iat: now, exp: now + MINUTES * 60 };
  const signed = `${part({ alg: 'ES256', typ: 'JWT', kid })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** Who asks, by name and password. Yours looks at its session cookie, or whatever it has. */
function userOf(authorization = ''): string | undefined {
  const [, credentials = ''] = authorization.split('Basic ');
  const [name = '', password = ''] = Buffer.from(credentials, 'base64').toString().split(':');
  return passwords.get(name) === password ? name : undefined;
}

const server = createServer(({ method, url, headers }, response) => {
  if (url === '/') return response.setHeader('Content-Type', 'text/html; charset=utf-8').end(app);
  if (url === '/.well-known/jwks.json') return response.end(JSON.stringify(jwks));
  if (url !== '/token' || method !== 'POST') return response.writeHead(404).end();
  const user = userOf(headers.authorization);
  if (user === undefined) return response.writeHead(401).end();
  response.writeHead(200, { 'Cache-Control': 'no-store' }).end(tokenFor(user));
});
await new Promise<void>((listening) => server.listen(Number(port), '127.0.0.1', listening));
const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
console.log(`Issuer: ${issuer}`);
