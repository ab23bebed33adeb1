import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';

const AT = 'https://chat.example/';
const code = readFileSync(join(import.meta.dirname, '../../../clients/web/public/worker.js'), 'utf8');

const page = (version: string) =>
  `<link href="./icon.svg"><script src="./assets/${version}.js"></script><div id="app"></div>`;
const filesOf = (version: string) => ({
  '': page(version),
  'icon.svg': 'icon',
  'icon-unread.svg': 'unread',
  'config.json': `{"url":"${version}"}`,
  [`assets/${version}.js`]: version,
});

/** The service worker in a browser, of which the network and the cache are these. */
function installed() {
  const listeners = new Map<string, (event: object) => void>();
  const cached = new Map<string, Response>();
  const network: { files: Record<string, string>; status: number; hold?: Promise<void> } = {
    files: filesOf('one'),
    status: 200,
  };
  let hasCache = true;
  const asked: string[] = [];
  const shown: object[] = [];
  const tabs: { url: string; postMessage(word: object): void }[] = [];
  const fetched = async (input: string | { url: string }) => {
    const url = typeof input === 'string' ? input : input.url;
    asked.push(url);
    await network.hold;
    const body = network.files[url.slice(AT.length).replace(/#.*/, '')];
    return new Response(body, { status: body === undefined ? 404 : network.status });
  };
  const cache = {
    match: async (url: string) => cached.get(url.replace(/#.*/, ''))?.clone(),
    keys: async () => [...cached.keys()].map((url) => ({ url })),
    put: async (url: string, response: Response) => void cached.set(url, response),
    delete: async (url: string) => cached.delete(url),
    addAll: async (urls: string[]) => {
      const all = await Promise.all(urls.map(async (url) => [url, await fetched(url)] as const));
      if (all.some(([, { ok }]) => !ok)) throw new TypeError('A file is missing.');
      for (const [url, response] of all) cached.set(url, response);
    },
  };
  const open = async () => {
    if (!hasCache) throw new DOMException('Blocked.', 'SecurityError');
    return cache;
  };
  const self = {
    registration: {
      scope: AT,
      showNotification: async (title: string, options: object) => void shown.push({ title, ...options }),
    },
    addEventListener: (name: string, listener: (event: object) => void) => listeners.set(name, listener),
    skipWaiting: async () => {},
    clients: { claim: async () => {}, matchAll: async () => tabs },
  };
  const globals = { self, URL, setTimeout, fetch: fetched, caches: { open } };
  runInNewContext(code, globals);

  /** Everything that an event waits for; it may wait for more only until it has returned. */
  async function happens(name: string, event: object = {}): Promise<unknown> {
    const all: Promise<unknown>[] = [];
    let answer: Promise<Response> | undefined;
    let isOver = false;
    const waitUntil = (work: Promise<unknown>) => {
      if (isOver) throw new DOMException('The event is over.', 'InvalidStateError');
      all.push(work);
    };
    const respondWith = (response: Promise<Response>) => {
      answer = response;
    };
    listeners.get(name)?.({ ...event, waitUntil, respondWith });
    isOver = true;
    kept = Promise.all(all);
    return name === 'fetch' ? (await answer)?.text() : kept;
  }

  let kept: Promise<unknown> = Promise.resolve();
  return {
    ...{ network, asked, shown, tabs, happens },
    get: (path: string) => happens('fetch', { request: { url: `${AT}${path}`, method: 'GET' } }),
    /** What the last event began is done. */
    settled: () => kept,
    names: () => [...cached.keys()].map((url) => url.slice(AT.length)).sort(),
    block: () => {
      hasCache = false;
    },
  };
}

test('a page that is deployed is there at the next load, and kept with its files instead of the old one', async () => {
  const worker = installed();
  await worker.happens('install');
  expect(worker.names()).toEqual(Object.keys(filesOf('one')).sort());
  worker.network.files = filesOf('two');
  expect(await worker.get('#/bob')).toBe(page('two'));
  await worker.settled();
  expect(worker.names()).toEqual(Object.keys(filesOf('two')).sort());
  worker.network.hold = Promise.reject(new TypeError('Offline.'));
  expect(await worker.get('')).toBe(page('two'));
  expect(await worker.get('assets/two.js')).toBe('two');
  expect(await worker.get('config.json')).toBe('{"url":"two"}');
});

test('with a weak signal what was kept is shown, and what comes later is kept for the next time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const worker = installed();
  await worker.happens('install');
  worker.network.files = filesOf('two');
  let arrive = () => {};
  worker.network.hold = new Promise((done) => {
    arrive = done;
  });
  const shown = worker.get('');
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1), 60_000);
  vi.runAllTimers();
  vi.useRealTimers();
  expect(await shown).toBe(page('one'));
  arrive();
  await worker.settled();
  expect(worker.names()).toContain('assets/two.js');
});

test("an error's page is not kept, nor a page without its files", async () => {
  const worker = installed();
  worker.network.status = 503;
  await expect(worker.happens('install')).rejects.toThrow('503');
  worker.network.status = 200;
  await worker.happens('install');
  worker.network.files = { '': page('two') };
  expect(await worker.get('')).toBe(page('two'));
  await worker.settled();
  expect(worker.names()).toEqual(Object.keys(filesOf('one')).sort());
});

test('where the browser keeps nothing, all comes from the network', async () => {
  const worker = installed();
  worker.block();
  expect(await worker.get('')).toBe(page('one'));
  await worker.settled();
  expect(await worker.get('assets/one.js')).toBe('one');
});

test('it answers for no other address, and keeps nothing of one', async () => {
  const worker = installed();
  await worker.happens('install');
  const before = worker.asked.length;
  expect(await worker.get('metrics.json')).toBeUndefined();
  expect(await worker.get('?name=alice')).toBeUndefined();
  await worker.happens('fetch', { request: { url: AT, method: 'POST' } });
  expect(worker.asked).toHaveLength(before);
});

test('what is pushed is shown, and told to the pages that are open, which may have it read already', async () => {
  const worker = installed();
  const told: unknown[] = [];
  for (const url of [`${AT}#/bob`, 'https://chat.example.other/'])
    worker.tabs.push({ url, postMessage: (word) => told.push([url, word]) });
  const json = () => ({ title: 'bob', body: 'Hello!', chat_id: 'alice:bob' });
  await worker.happens('push', { data: { json } });
  const shown = { title: 'bob', body: 'Hello!', tag: 'alice:bob', icon: `${AT}icon.svg` };
  expect(worker.shown).toEqual([shown]);
  expect(told).toEqual([[`${AT}#/bob`, { pushed: 'alice:bob' }]]);
});

test.each([
  ['nothing', null],
  ['no JSON', { json: () => JSON.parse('Hello!') }],
  ['no object', { json: () => null }],
  ['no text', { json: () => ({ title: 7, body: '', chat_id: {} }) }],
])('a push that says %s shows something all the same', async (_, data) => {
  const worker = installed();
  await worker.happens('push', { data });
  const shown = { title: 'Parley', body: 'Something new waits for you.', tag: '', icon: `${AT}icon.svg` };
  expect(worker.shown).toEqual([shown]);
});
