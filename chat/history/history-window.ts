import { type fetchHistory as command, limits, type RequestOf } from '../../protocol/index.ts';
import type { Millis } from '../model.ts';
import type { History } from '../ports.ts';
import { type Ends, findTime } from './time-search.ts';

type Request = RequestOf<typeof command>;

// Of a page whose messages may be of any size so many entries are looked at first; further looks are for what is missing.
const FIRST = 50;
// Sizes are estimates: to look at somewhat more is cheaper than to look again.
export const MARGIN = 1.2;

/** What a request asks for: seqs and times, all inclusive. */
export interface Window {
  lower: number;
  upper: number;
  from: Millis;
  to: Millis;
  /** Entries to look at first: as many as may fill a page, and those before the time that it begins at. */
  first: number;
}

/** Whether a page goes up from its lower bound; else it goes down from its upper one. */
export const isUpward = ({ start_time, after_seq }: Request): boolean =>
  start_time !== undefined || after_seq !== undefined;

// What comes after the largest number is none that the database takes.
const lowerOf = ({ after_seq: after = 0 }: Request): number => Math.min(after + 1, Number.MAX_SAFE_INTEGER);
const upperOf = ({ before_seq: before = Number.MAX_SAFE_INTEGER }: Request): number => before - 1;
const isTimed = ({ start_time, end_time }: Request): boolean =>
  start_time !== undefined || end_time !== undefined;

/** The ends of what is asked for of each chat, if a time has to be found in it. */
export async function endsFor(
  history: History,
  chats: readonly string[],
  request: Request,
): Promise<Map<string, Ends>> {
  if (!isTimed(request)) return new Map();
  const found = chats.map(async (chat): Promise<[string, Ends]> => {
    const [begin, end] = await Promise.all([
      history.from(chat, lowerOf(request), 1),
      history.behind(chat, 0, 1, { upTo: upperOf(request), consistency: 'eventual' }),
    ]);
    return [chat, { head: begin.entries[0], tail: end.at(-1) }];
  });
  return new Map(await Promise.all(found));
}

/**
 * Only the time that a page begins at is searched for; the other one is met on the way. Where the page before has led to,
 * the first look finds it.
 */
export async function windowOf(
  history: History,
  chat: string,
  ends: Ends = {},
  request: Request,
): Promise<Window> {
  const { start_time: start, end_time: end, limit = limits.historyDefault } = request;
  const [from, to] = [millis(start) ?? Number.NEGATIVE_INFINITY, millis(end) ?? Number.POSITIVE_INFINITY];
  const seqs = { lower: lowerOf(request), upper: upperOf(request) };
  if (!isTimed(request)) return { ...seqs, from, to, first: Math.min(limit, FIRST) };
  const upward = isUpward(request);
  // Upward from a seq, all that is left to do is to end in time.
  const place = await findTime(history, chat, ends, upward ? from : to + 1);
  const fit = Math.ceil((limits.frameBytes / place.size) * MARGIN);
  const first = Math.min(limit, fit) + place.high - place.low;
  if (upward) return { ...seqs, lower: Math.max(seqs.lower, place.low), from, to, first };
  const upper = place.isEnd ? seqs.upper : Math.min(seqs.upper, place.high - 1);
  return { ...seqs, upper, from, to, first };
}

const millis = (time: string | undefined): Millis | undefined =>
  time === undefined ? undefined : Date.parse(time.toUpperCase());
