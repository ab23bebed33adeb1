import { registration, startWorker } from './worker.ts';

/** What proves to the backend who the user is. */
type Proof = () => string | undefined | Promise<string | undefined>;

// One after the other: whoever logs in next must not lose their subscription to the end of the one before.
let last: Promise<unknown> = Promise.resolve();
const next = (work: () => Promise<unknown>) => {
  last = last.then(work).catch((error) => console.warn(`No web push: ${error.message}`));
  return last;
};

/**
 * Subscribes this browser to web push, and tells the backend of it as the user's. Where that fails, the page notifies as it
 * does without. @param backend its URL: `/key` has its public key, `/subscriptions` takes what the browser says
 */
export async function subscribe(backend: string, proof: Proof): Promise<void> {
  if (!(await startWorker())) return;
  const { pushManager: manager } = await navigator.serviceWorker.ready;
  await next(async () => {
    // None if the user has left meanwhile.
    const token = await proof();
    if (token === undefined) return;
    const applicationServerKey = await answer(await fetch(`${backend}/key`));
    const options = { userVisibleOnly: true, applicationServerKey };
    const subscription = await manager.subscribe(options).catch(async () => {
      // One with an earlier key of the backend's is in the way.
      await (await manager.getSubscription())?.unsubscribe();
      return manager.subscribe(options);
    });
    const headers = { authorization: `Bearer ${token}` };
    const body = JSON.stringify(subscription);
    await answer(await fetch(`${backend}/subscriptions`, { method: 'POST', headers, body }));
  });
}

/** Ends what this browser is subscribed to. The push service tells the backend, at its next push. */
export const unsubscribe = (): Promise<unknown> =>
  next(async () => {
    await (await (await registration())?.pushManager.getSubscription())?.unsubscribe();
  });

async function answer(response: Response): Promise<string> {
  if (!response.ok) throw new Error(`the backend answers ${response.status}`);
  return response.text();
}
