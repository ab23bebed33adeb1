import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { memoryStore } from '../../../clients/sdk/memory-store.ts';
import { type Pushing, subscribe, unsubscribe } from '../../../clients/web/src/push.ts';

const backend = 'https://backend.example/push';
const all = () => true;

let browser: Browser;
let store: ReturnType<typeof memoryStore>;
/** What the backend was asked, and by whom. */
let asked: string[];
/** What it answers; undefined for nothing. */
let status: number | undefined;

beforeEach(() => {
  browser = new Browser();
  store = memoryStore();
  asked = [];
  status = 200;
  vi.stubGlobal('fetch', backendAnswers);
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
  return () => {
    warned.mockRestore();
    vi.unstubAllGlobals();
  };
});

async function backendAnswers(url: string, { headers, signal }: RequestInit): Promise<Response> {
  signal?.throwIfAborted();
  const { authorization = '' } = { ...headers } as Record<string, string>;
  asked.push(`${url.slice(backend.length)} ${authorization}`.trim());
  if (status !== undefined) return new Response('key', { status });
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
}

/** A browser with one subscription at most, by its number, and locks. */
class Browser implements Pushing {
  current: number | undefined;
  /** Resolves once the worker runs. */
  running: Promise<unknown> = Promise.resolve();
  #made = 0;
  #last: Promise<unknown> = Promise.resolve();

  readonly #worker = {
    pushManager: {
      getSubscription: async () => (this.current === undefined ? null : this.#subscription),
      subscribe: async () => {
        this.current ??= ++this.#made;
        return this.#subscription;
      },
    },
  };

  readonly #subscription = {
    unsubscribe: async () => {
      this.current = undefined;
      return true;
    },
  };

  registration = async () => this.#worker;

  async started() {
    await this.running;
    return this.#worker;
  }

  locks = {
    request: (_: string, { signal }: { signal?: AbortSignal }, work: () => Promise<void>) => {
      const turn = this.#last.then(() => {
        signal?.throwIfAborted();
        return work();
      });
      this.#last = turn.catch(() => {});
      return turn;
    },
  };
}

const come = (
  user: string,
  stop = new AbortController(),
  proof: () => string | Promise<string> = () => user,
) => subscribe(browser, { backend, user, store, proof }, stop);

test('one user has one subscription, of which the backend hears at each start', async () => {
  await come('alice');
  await come('alice');
  expect(browser.current).toBe(1);
  expect(asked).toEqual(['/key', '/subscriptions Bearer alice', '/key', '/subscriptions Bearer alice']);
});

test.each([503, undefined])(
  'that of another user ends before the backend is asked, which answers %s',
  async (answer) => {
    await come('alice');
    status = answer;
    const stop = new AbortController();
    const came = come('bob', stop);
    await vi.waitFor(() => expect(asked).toHaveLength(3), 60_000);
    expect(browser.current).toBeUndefined();
    stop.abort(new Error('the user has left'));
    await came;
    status = 200;
    await come('bob');
    expect(browser.current).toBe(2);
  },
);

test('whoever leaves waits for no backend that gives no answer, nor does who comes next', async () => {
  await come('alice');
  status = undefined;
  const stop = new AbortController();
  const again = come('alice', stop);
  await vi.waitFor(() => expect(asked).toHaveLength(3), 60_000);
  stop.abort(new Error('the user has left'));
  await unsubscribe(browser, store, (user) => user === 'alice');
  await again;
  expect(browser.current).toBeUndefined();
  status = 200;
  await come('bob');
  expect(asked.at(-1)).toBe('/subscriptions Bearer bob');
});

test.each([
  ['backend', () => 'alice', 1],
  ['identity provider', () => new Promise<never>(() => {}), 0],
])('a %s that gives no answer is waited for 30 s', async (_, proof, requests) => {
  status = undefined;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const came = come('alice', new AbortController(), proof);
  await vi.advanceTimersByTimeAsync(29_999);
  expect(console.warn).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await came;
  expect(console.warn).toHaveBeenCalledWith('No web push: there is no answer');
  expect(asked).toHaveLength(requests);
  await unsubscribe(browser, store, all);
});

test('whoever left while the worker started is not subscribed', async () => {
  let run = () => {};
  browser.running = new Promise<void>((resolve) => {
    run = resolve;
  });
  const stop = new AbortController();
  const came = come('alice', stop);
  stop.abort(new Error('the user has left'));
  await unsubscribe(browser, store, all);
  run();
  await came;
  expect([browser.current, asked]).toEqual([undefined, []]);
});

test('a tab of another user that hears late of a logout ends nothing of who came next', async () => {
  await come('alice');
  await come('bob');
  await unsubscribe(browser, store, (user) => user === 'alice');
  expect(browser.current).toBe(2);
  await unsubscribe(browser, store, (user) => user === 'bob');
  expect(browser.current).toBeUndefined();
});

test('one of which nobody knows whose it is ends', async () => {
  browser.current = 0;
  await unsubscribe(browser, store, () => false);
  expect(browser.current).toBeUndefined();
  browser.current = 0;
  await come('alice');
  expect(browser.current).toBe(1);
});
