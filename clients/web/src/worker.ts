/**
 * Has the browser keep the page, so that it can be opened without a connection, and show notifications (worker.js). Where
 * there is no TLS, or the browser doesn't want to, the page is as it would be without.
 */
export const startWorker = async (): Promise<ServiceWorkerRegistration | undefined> =>
  navigator.serviceWorker?.register('./worker.js').catch(() => undefined);

/** The page's service worker, if it has one. */
export const registration = async (): Promise<ServiceWorkerRegistration | undefined> =>
  navigator.serviceWorker?.getRegistration().catch(() => undefined);

/** Calls with the chat of a notification that was clicked. @returns stops */
export function onLead(listener: (chatId: string) => void): () => void {
  const take = ({ data }: MessageEvent) => typeof data?.chat === 'string' && listener(data.chat);
  navigator.serviceWorker?.addEventListener('message', take);
  return () => navigator.serviceWorker?.removeEventListener('message', take);
}
