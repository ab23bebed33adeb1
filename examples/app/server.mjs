// The backend of the app: its own users, and tokens for Parley. PORT=8080 node server.mjs
import { generateKeyPairSync, randomBytes, randomUUID, scryptSync, sign, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import express from 'express';

const { PORT = '8080' } = process.env;
const issuer = `http://localhost:${PORT}`;
const app = express().use(express.json());

// Yours are in a database.
const users = new Map(
  [
    { id: 'u-1', login: 'alice', name: 'Alice Liddell', password: 'wonderland' },
    { id: 'u-2', login: 'bob', name: 'Bob Cratchit', password: 'christmas' },
    { id: 'u-3', login: 'chihiro', name: '荻野千尋', password: 'bathhouse' },
  ].map(({ password, ...user }) => {
    const salt = randomBytes(16);
    return [user.login, { ...user, salt, hash: scryptSync(password, salt, 32) }];
  }),
);
const sessions = new Map();

const cookie = 'session=';
const sessionOf = ({ headers }) =>
  headers.cookie
    ?.split('; ')
    .find((each) => each.startsWith(cookie))
    ?.slice(cookie.length);
const userOf = (request) => sessions.get(sessionOf(request));
const shown = ({ id, name }) => ({ id, name });

app.post('/api/sign-in', ({ body }, response) => {
  const user = users.get(body.login);
  const isRight = user && timingSafeEqual(scryptSync(String(body.password), user.salt, 32), user.hash);
  if (!isRight) return response.status(401).end();
  const session = randomUUID();
  sessions.set(session, user);
  response.cookie('session', session, { httpOnly: true, sameSite: 'strict' }).json(shown(user));
});

app.post('/api/sign-out', (request, response) => {
  sessions.delete(sessionOf(request));
  response.clearCookie('session').end();
});

// Nobody is signed in: null.
app.get('/api/me', (request, response) => {
  const user = userOf(request);
  response.json(user ? shown(user) : null);
});
app.use('/api', (request, response, next) => (userOf(request) ? next() : response.status(401).end()));
app.get('/api/people', (_, response) => response.json([...users.values()].map(shown)));

// All that Parley needs of a backend: a key, which yours keeps across restarts, and tokens that it signed.
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const kid = randomUUID();
app.get('/.well-known/jwks.json', (_, response) =>
  response.json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] }),
);
app.post('/api/chat-token', (request, response) => {
  const { id, name } = userOf(request);
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: issuer, aud: 'chat', sub: id, name, iat: now, exp: now + 15 * 60 };
  const signed = `${part({ alg: 'ES256', typ: 'JWT', kid })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  response.set('Cache-Control', 'no-store').send(`${signed}.${signature.toString('base64url')}`);
});

app.use(express.static(join(import.meta.dirname, 'dist')));
app.listen(Number(PORT), '127.0.0.1', () => console.log(`The app is at ${issuer}`));
