import type { FanOut, LogEntry, Millis } from '../model.ts';
import type { Copies, History, Runtime } from '../ports.ts';
import { CLAIMED_FOR, seqsOf } from './fan-out-parts.ts';

/** The most messages that go together: those around one that is due. */
const MOST = 100;
/** How many entries the first look for them reads, in each direction. */
const FEW = 4;
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
  history: Pick<History, 'newest' | 'from'>;
  runtime: Runtime;
  batchWindow: Millis;
}

/**
 * Gathers the messages that go out with one that has waited: those of its window that wait as well. Each waits as a part of
 * its own. The part that is due first stores a list of messages that it delivers; the other parts find theirs in it and end.
 * A message that isn't in the list, because it was stored later, begins the next list. So a part ends only if another
 * one answers for its message, whatever log and settings the two have seen.
 *
 * A list is held by a message, not by a copy or an attempt, so every copy and every attempt delivers the same. Only who
 * stores a list reads the log: for the others, it costs a read unit.
 * @param part of one message
 * @returns the seqs, with its own first; undefined if another part delivers it
 */
export async function gather(ports: Ports, part: FanOut): Promise<readonly number[] | undefined> {
  const { copies, runtime } = ports;
  const { chat, window } = part;
  const [seq = 0] = seqsOf(part);
  const taken = new Set<number>();
  const isLeft = (other: number) => !taken.has(other);
  let others: readonly number[] | undefined;
  for (let list = 0; list < MOST_LISTS; list++) {
    const name = `${chat} ${window} ${list}`;
    let stored = await copies.gathered(name);
    if (stored === undefined) {
      others ??= await waitingWith(ports, part, seq);
      const own = { by: seq, seqs: [seq, ...others.filter(isLeft)] };
      stored = await copies.gather(name, own, runtime.now() + CLAIMED_FOR);
    }
    if (stored.by === seq) return stored.seqs;
    if (stored.seqs.includes(seq)) return undefined;
    for (const other of stored.seqs) taken.add(other);
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
  // Times never decrease in a log, so the first entry of another window is the edge.
  const isOutside = (entry: LogEntry | undefined) =>
    entry === undefined || windowOf(entry, batchWindow) !== window;
  const [before, after] = await Promise.all([
    upToEdge(async (limit, found) => {
      const end = (found[0]?.seq ?? seq) - 1;
      const entries = end < 1 ? [] : await history.newest(chat, limit, end);
      return { found: [...entries, ...found], atEdge: isOutside(entries[0]) };
    }),
    upToEdge(async (limit, found) => {
      const { entries, more } = await history.from(chat, (found.at(-1)?.seq ?? seq - 1) + 1, limit);
      return { found: [...found, ...entries], atEdge: !more || isOutside(entries.at(-1)) };
    }),
  ]);
  const own = after.find((entry) => entry.seq === seq);
  const entries = [...before, ...after];
  return entries.flatMap((entry, index) => {
    const goesAlong =
      entry !== own &&
      entry.generation === own?.generation &&
      !isOutside(entry) &&
      isClose(entry, entries[index - 1], batchWindow);
    return goesAlong ? [entry.seq] : [];
  });
}

type Found = readonly LogEntry[];

/** Reads on until the edge of a window, or half of the most that go together. Each step is as large as those before it. */
async function upToEdge(
  more: (limit: number, found: Found) => Promise<{ found: Found; atEdge: boolean }>,
): Promise<Found> {
  let found: Found = [];
  for (let limit = FEW, atEdge = false; !atEdge && limit > 0; ) {
    ({ found, atEdge } = await more(limit, found));
    limit = Math.min(Math.max(FEW, found.length), MOST / 2 - found.length);
  }
  return found;
}
