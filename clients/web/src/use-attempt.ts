import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isolatedId, wordsFor } from '../../view/words.ts';
import type { Model } from './model.ts';

/** What is tried, and what failed, to be said beside what was tried. */
export interface Attempt {
  /** A sentence; empty if nothing failed. */
  problem: string;
  isBusy: boolean;
  /**
   * @param work returns a sentence if there is something in its way; `signal` says that its user has gone away, and wants
   *   no more of it than what can't be called back
   * @returns whether it was done, and its user is still there
   */
  attempt(work: (signal: AbortSignal) => unknown): Promise<boolean>;
  say(problem: string): void;
}

const OFFLINE = 'You are offline. This needs a connection.';

/** Whether it has no connection and waits with the next attempt to get one. While it connects, requests wait for it. */
export const isOffline = ({ state }: Pick<Model, 'state'>): boolean =>
  state === 'waiting' || state === 'closed';

/** One thing at a time, and only while there is a connection: otherwise it would wait and happen unasked. */
export function useAttempt(model: Pick<Model, 'state'>): Attempt {
  const [problem, say] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const isRunning = useRef(false);
  const [leaving] = useState(() => new AbortController());
  useLayoutEffect(() => () => leaving.abort(), [leaving]);
  async function attempt(work: (signal: AbortSignal) => unknown): Promise<boolean> {
    if (isRunning.current) return false;
    if (isOffline(model)) {
      say(OFFLINE);
      return false;
    }
    isRunning.current = true;
    setIsBusy(true);
    say('');
    try {
      const inTheWay = await work(leaving.signal);
      if (typeof inTheWay === 'string') say(inTheWay);
      return typeof inTheWay !== 'string' && !leaving.signal.aborted;
    } catch (error) {
      say(wordsFor(error, isolatedId));
      return false;
    } finally {
      isRunning.current = false;
      setIsBusy(false);
    }
  }
  // It is said for as long as it is so.
  const holds = problem !== OFFLINE || isOffline(model);
  return { problem: holds ? problem : '', isBusy, attempt, say };
}
