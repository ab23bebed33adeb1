import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pushBackend } from '../support/push-backend.ts';
import type { Subscriber } from '../support/push-service.ts';

const backend = await pushBackend();
const { service, url } = backend;
beforeAll(() => backend.start('http://chat.example'));
afterAll(() => backend.close());

const post = (path: string, body: object, headers = {}, method = 'POST') =>
  fetch(url + path, { method, headers, body: JSON.stringify(body) }).then(({ status }) => status);
const as = (name: string, password: string) => ({ authorization: `Basic ${btoa(`${name}:${password}`)}` });
const alice = as('alice', 'wonderland');
const subscribe = (of: Subscriber, who = alice) => post('/subscriptions', of.subscription, who);
let events = 0;
const away = (username: string, chat_id = 'alice:bob', id = `away ${++events}`) => ({
  ...{ type: 'recipient.away', id, username, chat_id, seq: 1 },
});
const event = (body: object, key = backend.key) => post(`/events?key=${key}`, body);

test('each browser of a user who is away gets one push, encrypted for it, and nobody else does', async () => {
  const [phone, laptop, other] = [service.subscribe(), service.subscribe(), service.subscribe()];
  for (const [of, who] of [
    [phone, alice],
    [laptop, alice],
    [other, as('bob', 'builder')],
  ] as const)
    expect(await subscribe(of, who)).toBe(204);
  const first = away('alice');
  // At least once: it may come again.
  for (const each of [first, away('alice', '#team'), first]) expect(await event(each)).toBe(204);
  const payload = (chat_id: string, title: string) => ({
    ...{ chat_id, title, body: expect.any(String) },
    url: `http://chat.example/#/${encodeURIComponent(chat_id)}`,
  });
  for (const { got } of [phone, laptop])
    expect(got.map((text) => JSON.parse(text))).toEqual([
      payload('alice:bob', 'bob'),
      payload('#team', '#team'),
    ]);
  expect(other.got).toEqual([]);
  // As an identity provider's ids are in a chat's.
  await event(away('alice', 'alice:x%3Ay'));
  expect(JSON.parse(phone.got.at(-1) ?? '')).toMatchObject({ chat_id: 'alice:x%3Ay', title: 'x:y' });
  expect(await event({ type: 'message.created', id: 'm', username: 'bob' })).toBe(204);
  expect(other.got).toEqual([]);
});

test.each([400, 403, 404, 410])(
  'after a failure the event comes again, for those who lack it; who is answered with %i is forgotten',
  async (status) => {
    const [gone, failing] = [service.subscribe(), service.subscribe()];
    for (const each of [gone, failing]) await subscribe(each);
    gone.answers.push(status);
    failing.answers.push(503);
    const one = away('alice');
    expect(await event(one)).toBe(502);
    expect(await event(one)).toBe(204);
    expect(await event(one)).toBe(204);
    expect([gone.got.length, failing.got.length]).toEqual([0, 1]);
    // The service would take one now.
    expect(await event(away('alice'))).toBe(204);
    expect([gone.got.length, failing.got.length]).toEqual([0, 2]);
  },
);

test('whoever stops gets nothing more, and a browser tells of the user who subscribed there last', async () => {
  const browser = service.subscribe();
  await subscribe(browser);
  await subscribe(browser, as('bob', 'builder'));
  await event(away('alice'));
  expect(browser.got).toEqual([]);
  await event(away('bob'));
  expect(browser.got).toHaveLength(1);
  expect(await post('/subscriptions', browser.subscription, as('bob', 'builder'), 'DELETE')).toBe(204);
  await event(away('bob'));
  expect(browser.got).toHaveLength(1);
});

test('of a user who is deleted it forgets the browsers', async () => {
  const browser = service.subscribe();
  await subscribe(browser);
  expect(await event({ type: 'user.deleted', id: 'user.deleted alice', username: 'alice' })).toBe(204);
  await event(away('alice'));
  expect(browser.got).toEqual([]);
});

test('strangers, foreign addresses and nonsense are refused', async () => {
  const { subscription } = service.subscribe();
  expect(await post('/subscriptions', subscription)).toBe(401);
  expect(await post('/subscriptions', subscription, as('alice', 'guess'))).toBe(401);
  expect(await event(away('alice'), 'guess')).toBe(401);
  // No chat runs that could say whose this is.
  expect(await post('/subscriptions', subscription, { authorization: 'Bearer guess' })).toBe(503);
  for (const endpoint of [
    'https://169.254.169.254/',
    'http://fcm.googleapis.com/x',
    'https://mozilla.com.evil.example/',
  ])
    expect(await post('/subscriptions', { ...subscription, endpoint }, alice)).toBe(400);
  const { p256dh, auth } = subscription.keys;
  const keys = [
    {},
    { p256dh: p256dh.slice(0, -4), auth },
    // No point of the curve.
    { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth },
    { p256dh, auth: auth.slice(0, -4) },
    { p256dh, auth: 7 },
  ];
  for (const body of [{}, ...keys.map((each) => ({ ...subscription, keys: each }))])
    expect(await post('/subscriptions', body, alice)).toBe(400);
  const large = { ...away('alice'), seq: 'x'.repeat(200_000) };
  expect([await post('/subscriptions', large, alice), await event(large)]).toEqual([413, 413]);
  expect((await fetch(`${url}/passwd`)).status).toBe(404);
});

test('after a restart it has its keys and subscriptions', async () => {
  const browser = service.subscribe();
  await subscribe(browser);
  const key = () => fetch(`${url}/key`).then((answer) => answer.text());
  const before = await key();
  await backend.stop();
  await backend.start('http://chat.example');
  expect(await key()).toBe(before);
  await event(away('alice'));
  expect(browser.got).toHaveLength(1);
});

/** The service worker in a browser with these pages. */
function worker(...pages: string[]) {
  const listeners = new Map<string, (event: object) => void>();
  const done: unknown[] = [];
  const self = {
    registration: { showNotification: async (...note: unknown[]) => void done.push(note) },
    addEventListener: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
    clients: {
      matchAll: async () =>
        pages.map((at) => ({ url: at, focus: async () => void done.push(`focus ${at}`) })),
      openWindow: async (at: string) => void done.push(`open ${at}`),
    },
  };
  runInNewContext(readFileSync('examples/web-push/worker.js', 'utf8'), { self });
  return async (name: string, event: object) => {
    const work: Promise<unknown>[] = [];
    listeners.get(name)?.({ ...event, waitUntil: (each: Promise<unknown>) => void work.push(each) });
    await Promise.all(work);
    return done.splice(0);
  };
}

test('the service worker shows what comes, one notification for a chat, and leads there', async () => {
  const browser = service.subscribe();
  await subscribe(browser);
  await event(away('alice'));
  const at = 'http://chat.example/#/alice%3Abob';
  const happens = worker('http://chat.example/');
  const data = { json: () => JSON.parse(browser.got[0] ?? '') };
  const options = { body: 'Something new waits for you.', tag: 'alice:bob', data: { url: at } };
  expect(await happens('push', { data })).toEqual([['bob', options]]);
  const notification = { data: { url: at }, close: vi.fn() };
  expect(await happens('notificationclick', { notification })).toEqual([`open ${at}`]);
  expect(notification.close).toHaveBeenCalled();
  expect(await worker('http://chat.example/', at)('notificationclick', { notification })).toEqual([
    `focus ${at}`,
  ]);
});

test.each([undefined, 'no JSON', 'null', '[]', '{"title":7,"body":"","chat_id":{},"url":null}'])(
  'a push of %s shows a notification as well, and a click leads to the app',
  async (text) => {
    const happens = worker();
    const data = text === undefined ? null : { json: () => JSON.parse(text) };
    const options = { body: 'Something new waits for you.', tag: '', data: { url: '/' } };
    expect(await happens('push', { data })).toEqual([['Chat', options]]);
    const notification = { data: options.data, close: vi.fn() };
    expect(await happens('notificationclick', { notification })).toEqual(['open /']);
  },
);
