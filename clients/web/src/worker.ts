import { leftNotes } from './notes.ts';
import type { Pushing } from './push.ts';

/**
 * Has the browser keep the page, so that it can be opened without a connection, and show notifications (worker.js). Where
 * there is no TLS, or the browser doesn't want to, the page is as it would be without.
 */
export const startWorker = async (): Promise<ServiceWorkerRegistration | undefined> =>
  navigator.serviceWorker?.register('./worker.js').catch(() => undefined);

/** The page's service worker, if it has one. */
export async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  const found = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  // Where the page is below an app, the app may have a worker of its own, with notifications and a subscription of its own.
  return found?.scope === new URL('./', document.baseURI).href ? found : undefined;
}

/** Closes what the worker shows: whoever comes next here reads nothing of who was here before. */
export async function closeNotes(): Promise<void> {
  for (const [, close] of await leftNotes(await registration())) close();
}

/** What web push needs of this browser. */
export const pushing: Pushing = {
  registration,
  async started() {
    const worker = await startWorker();
    if (worker) await navigator.serviceWorker.ready;
    return worker;
  },
  locks: navigator.locks,
};

/** Calls with the chat of a notification that was clicked. @returns stops */
export const onLead = (listener: (chatId: string) => void) => onWord('chat', listener);

/** Calls with the chat of a notification that a backend has pushed. @returns stops */
export const onPushed = (listener: (chatId: string) => void) => onWord('pushed', listener);

function onWord(what: 'chat' | 'pushed', listener: (chatId: string) => void): () => void {
  const take = ({ data }: MessageEvent) => typeof data?.[what] === 'string' && listener(data[what]);
  navigator.serviceWorker?.addEventListener('message', take);
  return () => navigator.serviceWorker?.removeEventListener('message', take);
}
