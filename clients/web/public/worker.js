/**
 * The page's service worker: shows the page where there is no connection, and its notifications, which Android takes from
 * service workers alone. It keeps the page's own files, and nothing of its users.
 */
const CACHE = `parley ${self.registration.scope}`;
// With a weak signal, requests neither succeed nor fail.
const PATIENCE_MS = 3_000;

const urlOf = (name) => new URL(name, self.registration.scope).href;
/** Undefined also where the browser keeps nothing: then the page is as it would be without. */
const kept = async (name) => {
  try {
    return await (await caches.open(CACHE)).match(urlOf(name));
  } catch {
    return undefined;
  }
};
/** Their names have a hash of what is in them. */
const isAsset = (url) => url.startsWith(urlOf('./assets/'));

/** Of the page: pictures of other hosts are none of this worker's business, whose policy lets it ask none of them. */
const isIcon = (url) => url.startsWith(self.registration.scope) && url.endsWith('.svg');

/** Keeps the page with the files that it needs, and none of an older one. @throws for an error's page */
async function keep(page) {
  if (!page.ok) throw new Error(`The page's server answers ${page.status}.`);
  const html = await page.clone().text();
  const named = [...html.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(([, name]) => name);
  const files = [...named, './config.json', './icon-unread.svg'].map(urlOf);
  const cache = await caches.open(CACHE);
  const known = new Set((await cache.keys()).map(({ url }) => url));
  await cache.addAll(files.filter((url) => !(isAsset(url) && known.has(url))));
  // Last, so that it is never there without them.
  await cache.put(urlOf('./'), page);
  for (const url of known) if (url !== urlOf('./') && !files.includes(url)) await cache.delete(url);
}

let keeping = Promise.resolve();
/** One page after the other: two tabs may have got different ones. */
function keepNext(page) {
  keeping = keeping.then(() => keep(page)).catch(() => {});
  return keeping;
}

/** Answers from the network, or else with what was kept. @param found takes a copy of what the network has */
function answerFreshest(event, found) {
  const { request } = event;
  const response = fetch(request);
  // The page that comes too late for this time is that of the next.
  if (found) event.waitUntil(response.then((fresh) => found(fresh.clone())).catch(() => {}));
  event.respondWith(
    kept(request.url).then((known) => {
      if (!known) return response;
      const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, known));
      return Promise.race([response.catch(() => known), late]);
    }),
  );
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    fetch(urlOf('./'), { cache: 'no-cache' })
      .then(keep)
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  // The open chat is behind the `#`.
  if (request.url.replace(/#.*/, '') === urlOf('./')) {
    answerFreshest(event, keepNext);
  } else if (isAsset(request.url)) {
    event.respondWith(kept(request.url).then((file) => file ?? fetch(request)));
  } else if (request.url === urlOf('./config.json') || isIcon(request.url)) {
    answerFreshest(event);
  }
});

// What a backend pushes while no page is open. A later one of a chat takes its place.
self.addEventListener('push', (event) => event.waitUntil(show(readPush(event.data))));

/** What a push says, or something general in its place: browsers end the subscription of a page that shows nothing. */
function readPush(data) {
  let said;
  try {
    said = data.json();
  } catch {}
  const { title, body, chat_id } = Object(said);
  const textOr = (value, other) => (typeof value === 'string' && value !== '' ? value : other);
  return {
    title: textOr(title, 'Parley'),
    body: textOr(body, 'Something new waits for you.'),
    tag: textOr(chat_id, ''),
  };
}

async function show({ title, body, tag }) {
  await self.registration.showNotification(title, { body, tag, icon: urlOf('./icon.svg') });
  // A push may come after what it tells of was read.
  if (tag !== '') for (const tab of await tabs()) tab.postMessage({ pushed: tag });
}

self.addEventListener('notificationclick', (event) => {
  const { notification } = event;
  notification.close();
  event.waitUntil(lead(notification.tag));
});

/** Leads the user to a chat, in the tab that they looked at last if there is one. */
async function lead(chat) {
  const [tab] = await tabs();
  if (!tab) return self.clients.openWindow(urlOf(chat && `./#/${encodeURIComponent(chat)}`));
  tab.postMessage({ chat });
  return tab.focus();
}

/** Of the page, the one that was looked at last first. */
async function tabs() {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return all.filter(({ url }) => url.startsWith(self.registration.scope));
}
