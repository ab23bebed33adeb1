import type { Timing } from './timing.ts';

/** The part of a browser that is used, if there is one. */
const host = globalThis as Target & { document?: Target & { visibilityState: string } };

interface Target {
  addEventListener?: Listen;
  removeEventListener?: Listen;
}

type Listen = (event: string, listener: (event: { persisted?: boolean }) => void) => void;

/**
 * Calls `wake` at moments after which a connection may be dead unnoticed: the network or the page is back, or the machine
 * was asleep.
 * @param wake receives the milliseconds of silence above which the connection is in doubt
 * @returns a function that stops watching
 */
export function watchForWakeUps({ tick, sleep }: Timing, wake: (quietFor: number) => void): () => void {
  const { document } = host;
  const isBack = () => wake(0);
  const isShown = ({ persisted }: { persisted?: boolean }) => persisted && wake(0);
  const isSeen = () => document?.visibilityState === 'visible' && wake(tick);
  const watched = [
    [host, 'online', isBack],
    [host, 'pageshow', isShown],
    [host, 'focus', isSeen],
    [document, 'resume', isBack],
    [document, 'visibilitychange', isSeen],
  ] as const;
  for (const [target, event, listener] of watched) target?.addEventListener?.(event, listener);
  let last = Date.now();
  // A tick this late means that the machine, and its network, was asleep.
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
