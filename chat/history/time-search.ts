import type { LogEntry, Millis } from '../model.ts';
import type { History } from '../ports.ts';

/** Where a log begins and ends, of what may be looked at; neither is there if it is empty. */
export interface Ends {
  head?: LogEntry;
  tail?: LogEntry;
}

/** Where the first entry at or after a time is: from `low` to `high`, both inclusive. */
export interface Place {
  low: number;
  /** This one is certain to be at or after it, unless it is behind the end. */
  high: number;
  /** There is none yet: it would be behind the end, as that was a moment ago. */
  isEnd?: true;
  /** Bytes of one entry, about, as far as was seen. */
  size: number;
}

/** An entry's place and time. */
type Mark = Pick<LogEntry, 'seq' | 'at'>;

// Entries that one round looks at, each for half a read unit. So many of them are spread evenly, in the first round and in
// later ones: they divide what is left by so many more, however unevenly the times are spread.
const WIDTH = 28;
const [EVENLY_FIRST, EVENLY] = [12, 20];
// A page may begin so many entries too early, or so many bytes, which it then reads in vain.
const NEAR = 300;
const NEAR_BYTES = 100_000;
// What an entry takes beside its content.
const FRAME = 250;

/** Bytes of an entry, about. */
const sizeOf = ({ content }: LogEntry): number => content.length + FRAME;

/**
 * Searches a log, whose times never decrease, for a point in time. Each round looks at many entries at once, eventually
 * consistent: some around where the time would be if messages were spread evenly, some all over what is left. Among a
 * million messages of people that is two rounds, and three at worst.
 */
export async function findTime(
  history: History,
  chat: string,
  { head, tail }: Ends,
  time: Millis,
): Promise<Place> {
  if (head === undefined || tail === undefined) return { low: 1, high: 1, size: FRAME };
  const sizes = [head, tail].map(sizeOf);
  const size = () => sizes.reduce((sum, each) => sum + each, 0) / sizes.length;
  if (head.at >= time) return { low: head.seq, high: head.seq, size: size() };
  // What came since is for the page to see.
  if (tail.at < time) return { low: tail.seq + 1, high: tail.seq + 1, isEnd: true, size: size() };
  let [low, high]: [Mark, Mark] = [head, tail];
  for (let evenly = EVENLY_FIRST; ; evenly = EVENLY) {
    const near = Math.max(2, Math.min(NEAR, Math.floor(NEAR_BYTES / size())));
    if (high.seq - low.seq <= near) return { low: low.seq + 1, high: high.seq, size: size() };
    const looked = await look(history, chat, probes(low, high, time, { near, evenly }));
    sizes.push(...looked.flatMap(({ entry }) => (entry ? [sizeOf(entry)] : [])));
    for (const { seq, entry } of looked) {
      // What has gone from the table has expired: nobody is shown it, nor what is before it.
      if (entry === undefined || entry.at < time) {
        if (seq > low.seq) low = { seq, at: entry?.at ?? low.at };
      } else if (seq < high.seq) high = entry;
    }
  }
}

/** What is not there though it is below the newest may have been written a moment ago: it is looked at once more. */
async function look(history: History, chat: string, seqs: readonly number[]) {
  const keys = seqs.map((seq) => ({ chat, seq }));
  const found = await history.getMany(keys, 'eventual');
  const isFound = new Set(found.map(({ seq }) => seq));
  const missing = keys.filter(({ seq }) => !isFound.has(seq));
  const late = missing.length > 0 ? await history.getMany(missing) : [];
  const entries = new Map([...found, ...late].map((entry) => [entry.seq, entry]));
  return seqs.map((seq) => ({ seq, entry: entries.get(seq) }));
}

interface Round {
  near: number;
  /** How many are spread evenly, if so many are not enough to come near at once. */
  evenly: number;
}

/** The seqs between two marks that a round looks at. If few are enough to come near, there are no more. */
function probes(low: Mark, high: Mark, time: Millis, { near, evenly }: Round): number[] {
  const span = high.seq - low.seq;
  const needed = Math.ceil(span / near) - 1;
  const count = needed <= WIDTH ? needed : evenly;
  const seqs = Array.from({ length: count }, (_, index) => low.seq + (span * (index + 1)) / (count + 1));
  if (needed > WIDTH) seqs.push(...around(low, high, time, (WIDTH - evenly) / 2, near / 2, span / evenly));
  const inside = seqs.map(Math.round).filter((seq) => seq > low.seq && seq < high.seq);
  return [...new Set(inside)];
}

/** Seqs on both sides of where the time would be if entries were spread evenly, ever further away from it. */
function around(low: Mark, high: Mark, time: Millis, steps: number, first: number, last: number): number[] {
  const guess = low.seq + ((time - low.at) / (high.at - low.at)) * (high.seq - low.seq);
  const growth = Math.max(last / first, 2) ** (1 / (steps - 1));
  return Array.from({ length: steps }, (_, step) => first * growth ** step).flatMap((off) => [
    guess - off,
    guess + off,
  ]);
}
