import type { KeyValueStore } from '../../sdk/store.ts';

/** The part of a subscription that is used. As JSON, it is what a backend needs. */
interface Subscription {
  unsubscribe(): Promise<boolean>;
}

interface Manager {
  getSubscription(): Promise<Subscription | null>;
  subscribe(options: { userVisibleOnly: boolean; applicationServerKey: string }): Promise<Subscription>;
}

/** Not every browser with service workers has a `pushManager`. */
type Worker = { pushManager?: Manager } | undefined;

/** The parts of a browser that are used (worker.ts). */
export interface Pushing {
  /** The page's service worker, if it has one. */
  registration(): Promise<Worker>;
  /** The same, which is started if there is none; undefined if that fails. */
  started(): Promise<Worker>;
  /** Undefined where there can be no worker. */
  locks?: {
    request(name: string, options: { signal?: AbortSignal }, work: () => Promise<void>): Promise<unknown>;
  };
}

interface Subscriber {
  /** The backend's URL: `/key` has its public key, `/subscriptions` takes what the browser says. */
  backend: string;
  user: string;
  /** What proves to the backend who that is. */
  proof(): string | undefined | Promise<string | undefined>;
  /** The service's part of the browser's. */
  store: KeyValueStore;
}

/** Whose the subscription is. The key is in no user's part, as ids are encoded: the next user here reads it. */
const OWNER = '=page/push';
/** Milliseconds for all that a subscription waits for. */
const PATIENCE = 30_000;
/** Tabs take turns, so that none ends the subscription that another makes for the next user. */
const TURN = 'parley/push';

/**
 * Subscribes this browser to web push, and tells the backend of it as the user's. Where that fails, the page notifies as it
 * does without. A subscription of another user ends before anything is asked for: else a backend that doesn't answer
 * would go on pushing theirs to whoever sits here now.
 * @param stop aborted when the user leaves; aborted here if the backend doesn't answer
 */
export async function subscribe(
  pushing: Pushing,
  { backend, user, proof, store }: Subscriber,
  stop: AbortController,
): Promise<void> {
  const { signal } = stop;
  const give = async (manager: Manager) => {
    if (store.get(OWNER) !== user) await end(manager);
    const token = await proof();
    if (token === undefined) return;
    const applicationServerKey = await answer(await fetch(`${backend}/key`, { signal }));
    // Before there is a subscription: one whose owner is not known would outlast its user.
    store.set(OWNER, user);
    const options = { userVisibleOnly: true, applicationServerKey };
    const subscription = await manager.subscribe(options).catch(async () => {
      signal.throwIfAborted();
      // One with an earlier key of the backend's is in the way.
      await end(manager);
      return manager.subscribe(options);
    });
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify(subscription);
    await answer(await fetch(`${backend}/subscriptions`, { method: 'POST', headers, body, signal }));
  };
  try {
    const manager = (await pushing.started())?.pushManager;
    if (!manager) return;
    await pushing.locks?.request(TURN, { signal }, async () => {
      const limit = setTimeout(() => stop.abort(new Error('there is no answer')), PATIENCE);
      await untilAborted(signal, () => give(manager)).finally(() => clearTimeout(limit));
    });
  } catch (error) {
    warn(error);
  }
}

/**
 * Ends what this browser is subscribed to, also where no backend is set any more. The push service tells the backend, at its
 * next push.
 * @param isOver whether it ends if it is this user's; where that is not known, it does
 */
export async function unsubscribe(
  pushing: Pushing,
  store: KeyValueStore,
  isOver: (user: string) => boolean,
): Promise<void> {
  try {
    const worker = await pushing.registration();
    if (!worker) return;
    await pushing.locks?.request(TURN, {}, async () => {
      const owner = store.get(OWNER);
      if (owner !== undefined && !isOver(owner)) return;
      await end(worker.pushManager);
      store.set(OWNER, undefined);
    });
  } catch (error) {
    warn(error);
  }
}

async function end(manager?: Manager): Promise<void> {
  await (await manager?.getSubscription())?.unsubscribe();
}

const warn = (error: unknown): void => console.warn(`No web push: ${(error as Error).message}`);

/** What is still awaited then finds the signal aborted. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason)),
  );
  return Promise.race([work(), aborted]);
}

async function answer(response: Response): Promise<string> {
  if (!response.ok) throw new Error(`the backend answers ${response.status}`);
  return response.text();
}
