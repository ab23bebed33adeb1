import type { Timing } from './timing.ts';

/** What is used of a browser, if there is one. */
const host = globalThis as {
  addEventListener?: Listen;
  removeEventListener?: Listen;
  document?: { visibilityState: string; addEventListener: Listen; removeEventListener: Listen };
};

type Listen = (event: string, listener: (event: { persisted?: boolean }) => void) => void;

/**
 * Watches for moments after which a connection may be dead, with nobody to say so: the network is back, the page is back
 * from the history or is looked at again, the machine was asleep.
 * @param wake is given the milliseconds of silence without which there is no doubt
 * @returns ends it
 */
export function watchForWaking(timing: Timing, wake: (quietFor: number) => void): () => void {
  const { document } = host;
  const isBack = () => wake(0);
  const isShown = ({ persisted }: { persisted?: boolean }) => persisted && wake(0);
  const isSeen = () => document?.visibilityState === 'visible' && wake(timing.tick);
  host.addEventListener?.('online', isBack);
  host.addEventListener?.('pageshow', isShown);
  document?.addEventListener('visibilitychange', isSeen);
  const ticking = watchForSleep(timing, isBack);
  return () => {
    clearInterval(ticking);
    host.removeEventListener?.('online', isBack);
    host.removeEventListener?.('pageshow', isShown);
    document?.removeEventListener('visibilitychange', isSeen);
  };
}

/** A timer that fires far too late: neither it nor the network had a machine to run on. */
function watchForSleep({ tick, sleep }: Timing, wake: () => void): ReturnType<typeof setInterval> {
  let last = Date.now();
  return setInterval(() => {
    const now = Date.now();
    if (now - last > tick + sleep) wake();
    last = now;
  }, tick);
}
