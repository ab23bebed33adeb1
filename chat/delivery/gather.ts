import type { FanOut, LogEntry, Millis } from '../model.ts';
import type { Copies, History, Runtime } from '../ports.ts';
import { CLAIMED_FOR, seqsOf } from './fan-out-parts.ts';

/** The most messages that go together: those around one that is due. */
const MOST = 100;
// Reached by hundreds of messages a second, or if a clock that is ahead makes all messages be of one moment.
const MOST_LISTS = 20;
// In windows. Behind the first message of a window, which is due after one, the queue may be late by two.
const CLOSE = 3;

/** The number of the window that a message is in. */
export const windowOf = ({ at }: LogEntry, window: Millis): number => Math.floor(at / window);

/**
 * Whether a message follows the one before it closely. Then, in a group of more than a page, it waits in the queue: for those
 * after it, and so that it doesn't overtake one that waits. Both times are in the log, so everybody gets the same answer.
 * @param window 0 for never
 */
export const isClose = ({ at }: LogEntry, before: LogEntry | undefined, window: Millis): boolean =>
  before !== undefined && at - before.at < CLOSE * window;

interface Ports {
  copies: Copies;
  history: Pick<History, 'newest'>;
  runtime: Runtime;
  batchWindow: Millis;
}

/**
 * Gathers the messages that go out with one that has waited: those of its window that wait as well. Each waits as a part of
 * its own. The part that is due first stores a list of messages that it delivers; the other parts find theirs in it and end.
 * A message that isn't in the list, because it was stored later, begins the next list. So a part ends only if another
 * one answers for its message, whatever log and settings the two have seen.
 *
 * A list is held by a message, not by a copy or an attempt, so every copy and every attempt delivers the same.
 * @param part of one message
 * @returns the seqs, with its own first; undefined if another part delivers it
 */
export async function gather(ports: Ports, part: FanOut): Promise<readonly number[] | undefined> {
  const { chat, window } = part;
  const [seq = 0] = seqsOf(part);
  let others = await waitingWith(ports, part, seq);
  for (let list = 0; list < MOST_LISTS; list++) {
    const seqs = [seq, ...others];
    const expires = ports.runtime.now() + CLAIMED_FOR;
    const stored = await ports.copies.gather(`${chat} ${window} ${list}`, { by: seq, seqs }, expires);
    if (stored.by === seq) return stored.seqs;
    if (stored.seqs.includes(seq)) return undefined;
    others = others.filter((other) => !stored.seqs.includes(other));
  }
  return [seq];
}

/** The messages around one that wait in its window. */
async function waitingWith(
  { history, batchWindow }: Ports,
  { chat, window }: FanOut,
  seq: number,
): Promise<number[]> {
  // Those that still wait after the setting was turned off go alone.
  if (batchWindow === 0) return [];
  const entries = await history.newest(chat, MOST, seq + MOST / 2);
  const own = entries.find((entry) => entry.seq === seq);
  return entries.flatMap((entry, index) => {
    const goesAlong =
      entry !== own &&
      entry.generation === own?.generation &&
      windowOf(entry, batchWindow) === window &&
      isClose(entry, entries[index - 1], batchWindow);
    return goesAlong ? [entry.seq] : [];
  });
}
