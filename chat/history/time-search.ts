import type { LogEntry, Millis } from '../model.ts';
import type { History } from '../ports.ts';

/** The first and last entry of the searched range; both absent if it is empty. */
export interface Ends {
  head?: LogEntry;
  tail?: LogEntry;
}

/** The range of seqs, both inclusive, that contains the first entry at or after a time. */
export interface Found {
  low: number;
  /** This entry is at or after the time, unless it is beyond the end. */
  high: number;
  /** No entry was at or after the time when the end was read. */
  isEnd?: true;
  /** The average size of the entries that were read, in bytes. */
  size: number;
}

/** A seq and its time. */
type Point = Pick<LogEntry, 'seq' | 'at'>;

// Entries that one round reads, for half a read unit each. `EVENLY_FIRST` of them in the first round, `EVENLY` in later
// ones, are spread evenly: they bound the remaining range however unevenly the times are distributed.
const PROBES = 28;
const [EVENLY_FIRST, EVENLY] = [12, 20];
// The search stops when the range is this small. The page reads the entries before the time and drops them.
const NEAR = 300;
const NEAR_BYTES = 100_000;
// Bytes of an entry besides its content.
const FRAME = 250;

/** The approximate size of an entry, in bytes. */
const sizeOf = ({ content }: LogEntry): number => content.length + FRAME;

/**
 * Searches a log, whose times never decrease, for a point in time. Each round reads many entries at once, eventually
 * consistent: some around the interpolated position, the others spread over the remaining range. For a million messages
 * at human intervals it takes two rounds, at worst three.
 */
export async function findTime(
  history: History,
  chat: string,
  { head, tail }: Ends,
  time: Millis,
): Promise<Found> {
  if (head === undefined || tail === undefined) return { low: 1, high: 1, size: FRAME };
  const sizes = [head, tail].map(sizeOf);
  const size = () => sizes.reduce((sum, each) => sum + each, 0) / sizes.length;
  if (head.at >= time) return { low: head.seq, high: head.seq, size: size() };
  // Entries that were written since are found when the page is read.
  if (tail.at < time) return { low: tail.seq + 1, high: tail.seq + 1, isEnd: true, size: size() };
  let [low, high]: [Point, Point] = [head, tail];
  for (let evenly = EVENLY_FIRST; ; evenly = EVENLY) {
    const near = Math.max(2, Math.min(NEAR, Math.floor(NEAR_BYTES / size())));
    if (high.seq - low.seq <= near) return { low: low.seq + 1, high: high.seq, size: size() };
    const looked = await readProbes(history, chat, probes(low, high, time, { near, evenly }));
    sizes.push(...looked.flatMap(({ entry }) => (entry ? [sizeOf(entry)] : [])));
    for (const { seq, entry } of looked) {
      // A missing entry has expired, and so have all before it.
      if (entry === undefined || entry.at < time) {
        if (seq > low.seq) low = { seq, at: entry?.at ?? low.at };
      } else if (seq < high.seq) high = entry;
    }
  }
}

/** Reads entries. A second, strongly consistent read gets those that the first one missed because they are new. */
async function readProbes(history: History, chat: string, seqs: readonly number[]) {
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
  /** How many probes are spread evenly, if one round can't finish the search. */
  evenly: number;
}

/** The seqs between two points that a round reads: only as many as needed if they finish the search. */
function probes(low: Point, high: Point, time: Millis, { near, evenly }: Round): number[] {
  const span = high.seq - low.seq;
  const needed = Math.ceil(span / near) - 1;
  const count = needed <= PROBES ? needed : evenly;
  const seqs = Array.from({ length: count }, (_, index) => low.seq + (span * (index + 1)) / (count + 1));
  if (needed > PROBES) seqs.push(...around(low, high, time, (PROBES - evenly) / 2, near / 2, span / evenly));
  const inside = seqs.map(Math.round).filter((seq) => seq > low.seq && seq < high.seq);
  return [...new Set(inside)];
}

/** Seqs on both sides of the interpolated position, at growing distances. */
function around(low: Point, high: Point, time: Millis, steps: number, first: number, last: number): number[] {
  const guess = low.seq + ((time - low.at) / (high.at - low.at)) * (high.seq - low.seq);
  const growth = Math.max(last / first, 2) ** (1 / (steps - 1));
  return Array.from({ length: steps }, (_, step) => first * growth ** step).flatMap((off) => [
    guess - off,
    guess + off,
  ]);
}
