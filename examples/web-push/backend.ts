// Web push for people who are away: npx tsx examples/web-push/backend.ts [PORT] [CHAT_PAGE] [FILE]. See README.md here.
import { ECDH, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import webPush, { type PushSubscription } from 'web-push';
import { ServerApiError, serverApi } from '../../clients/server/index.ts';
import { local } from '../../clients/server/local.ts';

const [port = '8090', chatPage = 'http://localhost:3001', file] = process.argv.slice(2);
const {
  EVENTS_KEY = randomUUID(),
  CONTACT = 'mailto:you@example.com',
  PUSH_HOST,
  CHAT_API_FUNCTION,
} = process.env;
const LARGEST = 16 * 1024;
// A day: who comes later sees the chat itself.
const TTL = 24 * 60 * 60;
const REMEMBERED = 10_000;
// With these, a push service says that it will take nothing more for a subscription: it has ended, or isn't for these keys.
const USELESS = new Set([400, 403, 404, 410]);
const passwords = new Map([
  ['alice', 'wonderland'],
  ['bob', 'builder'],
]);
// Whoever may subscribe names the URL to post to, so only those of browsers are taken.
const PUSH_SERVICES = /(^|\.)(googleapis\.com|mozilla\.com|windows\.com|apple\.com)$/;

interface State {
  keys: { publicKey: string; privateKey: string };
  /** User → the subscriptions of their browsers. */
  subscriptions: Record<string, PushSubscription[]>;
}

/** Yours has a database. With other keys, subscriptions of before are worth nothing. */
const { keys, subscriptions }: State =
  file && existsSync(file)
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { keys: webPush.generateVAPIDKeys(), subscriptions: {} };
// Without a prototype, as a user may be called like something of it.
const state: State = { keys, subscriptions: Object.assign(Object.create(null), subscriptions) };

function save(): void {
  if (!file) return;
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Who asks. Yours looks at its session cookie, or whatever it has; the chat's page shows the token that it logs in with. */
async function userOf({ headers: { authorization = '' } }: IncomingMessage): Promise<string | undefined> {
  const [scheme, proof = ''] = authorization.split(' ');
  if (scheme === 'Bearer') return userOfSession(proof);
  const [name = '', password = ''] = Buffer.from(proof, 'base64').toString().split(':');
  return passwords.get(name) === password ? name : undefined;
}

/** The chat knows whose its sessions are. With an identity provider, verify its token instead. */
async function userOfSession(session_token: string): Promise<string | undefined> {
  const port = Number(new URL(chatPage).port);
  const chat = serverApi(CHAT_API_FUNCTION ? { functionName: CHAT_API_FUNCTION } : local(port));
  try {
    return (await chat.request({ type: 'check_session', session_token })).username;
  } catch (error) {
    if (error instanceof ServerApiError && error.code === 'invalid_credentials') return undefined;
    throw error;
  } finally {
    chat.close();
  }
}

const of = (user: string): PushSubscription[] => state.subscriptions[user] ?? [];

/** Replaces what is known of a browser, whoever was logged in there before. */
function subscribe(user: string, subscription: PushSubscription): void {
  for (const each of Object.keys(state.subscriptions)) remove(each, subscription.endpoint);
  state.subscriptions[user] = [...of(user), subscription];
  save();
}

function remove(user: string, endpoint: string): void {
  state.subscriptions[user] = of(user).filter((each) => each.endpoint !== endpoint);
  save();
}

function subscriptionIn(body: string): PushSubscription | undefined {
  try {
    const { endpoint, keys } = JSON.parse(body);
    const { protocol, hostname, host } = new URL(endpoint);
    const isTheirs = protocol === 'https:' && (PUSH_SERVICES.test(hostname) || host === PUSH_HOST);
    const { p256dh, auth } = keys;
    return isTheirs && canEncryptFor(p256dh, auth) ? { endpoint, keys: { p256dh, auth } } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is a point of the curve, uncompressed, and a secret of 16 bytes. @throws if it is none */
function canEncryptFor(p256dh: string, auth: string): boolean {
  const point = Buffer.from(p256dh, 'base64url');
  ECDH.convertKey(point, 'prime256v1');
  return point.length === 65 && Buffer.from(auth, 'base64url').length >= 16;
}

interface Away {
  type: string;
  id: string;
  username: string;
  chat_id: string;
}

/** The other user of a private chat, or the group. An id of an identity provider is encoded in a chat's. */
function titleOf({ chat_id, username }: Away): string {
  if (chat_id.startsWith('#')) return chat_id;
  return (
    chat_id
      .split(':')
      .map(decodeURIComponent)
      .find((each) => each !== username) ?? username
  );
}

/** Events come at least once: a browser that has had one gets no second. */
const had = new Set<string>();

/** Tells all browsers of a user. @returns whether each was told, or is gone */
async function tell(event: Away): Promise<boolean> {
  const { id, username, chat_id } = event;
  const payload = JSON.stringify({
    ...{ chat_id, title: titleOf(event), body: 'Something new waits for you.' },
    url: `${chatPage}/#/${encodeURIComponent(chat_id)}`,
  });
  const vapidDetails = { subject: CONTACT, ...state.keys };
  const told = of(username).map(async (subscription) => {
    const place = `${id} ${subscription.endpoint}`;
    if (had.has(place)) return true;
    try {
      await webPush.sendNotification(subscription, payload, { TTL, timeout: 10_000, vapidDetails });
      had.add(place);
      if (had.size > REMEMBERED) had.delete([...had][0] as string);
      return true;
    } catch (error) {
      const { statusCode, message } = error as { statusCode?: number; message: string };
      console.log(`${username}: ${statusCode ?? message}`);
      if (!USELESS.has(statusCode ?? 0)) return false;
      remove(username, subscription.endpoint);
      return true;
    }
  });
  return (await Promise.all(told)).every(Boolean);
}

/** Undefined if it is too large: it is read to its end, so that the sender gets an answer, but not kept. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size <= LARGEST) parts.push(part);
  }
  return size > LARGEST ? undefined : Buffer.concat(parts).toString();
}

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript' };
const shown = (name: string, type: keyof typeof TYPES) => ({
  body: readFileSync(new URL(name, import.meta.url)),
  type: TYPES[type],
});
const files = new Map([
  ['/', shown('page.html', 'html')],
  ['/worker.js', shown('worker.js', 'js')],
]);

/** The chat's page is of another origin. */
const CORS = {
  'access-control-allow-origin': new URL(chatPage).origin,
  'access-control-allow-headers': 'authorization',
  'access-control-max-age': '600',
};

/** @returns the status, or what to show */
async function answer(request: IncomingMessage): Promise<number | { body: Buffer | string; type: string }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'OPTIONS') return 204;
  if (request.method === 'GET') {
    if (pathname === '/key') return { body: state.keys.publicKey, type: 'text/plain' };
    return files.get(pathname) ?? 404;
  }
  if (pathname === '/events') {
    if (searchParams.get('key') !== EVENTS_KEY) return 401;
    const body = await bodyOf(request);
    if (body === undefined) return 413;
    const event = JSON.parse(body) as Away;
    if (event.type === 'user.deleted') {
      delete state.subscriptions[event.username];
      save();
    }
    // With an answer that is no 2xx, the event comes again.
    return event.type !== 'recipient.away' || (await tell(event)) ? 204 : 502;
  }
  if (pathname !== '/subscriptions') return 404;
  const user = await userOf(request);
  if (user === undefined) return 401;
  const body = await bodyOf(request);
  if (body === undefined) return 413;
  const subscription = subscriptionIn(body);
  if (!subscription) return 400;
  if (request.method === 'DELETE') remove(user, subscription.endpoint);
  else subscribe(user, subscription);
  return 204;
}

const server = createServer(async (request, response) => {
  const found = await answer(request).catch((error: Error) => {
    console.error(error.message);
    return error instanceof SyntaxError || error instanceof TypeError ? 400 : 503;
  });
  for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
  if (typeof found === 'number') response.writeHead(found).end();
  else response.setHeader('Content-Type', found.type).end(found.body);
});
save();
await new Promise<void>((listening) => server.listen(Number(port), '127.0.0.1', listening));
const at = `http://localhost:${(server.address() as AddressInfo).port}`;
console.log(`Start the service:  npm start -- --events '${at}/events?key=${EVENTS_KEY}' -c webPush=${at}`);
console.log(`Then open ${chatPage}, or ${at} for a page of your own`);
