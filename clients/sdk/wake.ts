import type { Timing } from './timing.ts';

/** What is used of a browser, if there is one. */
const host = globalThis as Target & { document?: Target & { visibilityState: string } };

interface Target {
  addEventListener?: Listen;
  removeEventListener?: Listen;
}

type Listen = (event: string, listener: (event: { persisted?: boolean }) => void) => void;

/**
 * Watches for moments after which a connection may be dead, with nobody to say so: the network is back, the page is back
 * from the history or is looked at again, the machine was asleep.
 * @param wake is given the milliseconds of silence without which there is no doubt
 * @returns ends it
 */
export function watchForWaking({ tick, sleep }: Timing, wake: (quietFor: number) => void): () => void {
  const { document } = host;
  const isBack = () => wake(0);
  const isShown = ({ persisted }: { persisted?: boolean }) => persisted && wake(0);
  const isSeen = () => document?.visibilityState === 'visible' && wake(tick);
  const watched = [
    [host, 'online', isBack],
    [host, 'pageshow', isShown],
    [document, 'visibilitychange', isSeen],
  ] as const;
  for (const [target, event, listener] of watched) target?.addEventListener?.(event, listener);
  let last = Date.now();
  // Far too late: neither it nor the network had a machine to run on.
  const ticking = setInterval(() => {
    const now = Date.now();
    if (now - last > tick + sleep) wake(0);
    last = now;
  }, tick);
  return () => {
    clearInterval(ticking);
    for (const [target, event, listener] of watched) target?.removeEventListener?.(event, listener);
  };
}
