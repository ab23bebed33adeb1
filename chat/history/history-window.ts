import { type fetchHistory as command, limits, type RequestOf } from '../../protocol/index.ts';
import type { Millis } from '../model.ts';
import type { History } from '../ports.ts';
import { type Ends, findTime } from './time-search.ts';

type Request = RequestOf<typeof command>;

// Entries in the first read of a page, since their sizes are unknown. Later reads get what is missing.
const FIRST = 50;
// Sizes are estimates: reading slightly more is cheaper than reading again.
export const MARGIN = 1.2;

/** The range of seqs and times that a request asks for, all inclusive. */
export interface Window {
  lower: number;
  upper: number;
  from: Millis;
  to: Millis;
  /** Entries in the first read: enough to fill a page, and those before its start time. */
  first: number;
}

/** Whether the page goes upward from its lower bound; otherwise it goes downward from its upper bound. */
export const isUpward = ({ start_time, after_seq }: Request): boolean =>
  start_time !== undefined || after_seq !== undefined;

// Keeps the bound within what the database accepts.
const lowerOf = ({ after_seq: after = 0 }: Request): number => Math.min(after + 1, Number.MAX_SAFE_INTEGER);
const upperOf = ({ before_seq: before = Number.MAX_SAFE_INTEGER }: Request): number => before - 1;
const isTimed = ({ start_time, end_time }: Request): boolean =>
  start_time !== undefined || end_time !== undefined;

/** The first and last entry of each chat's range, if the request has a time. */
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
 * The window of a request. It searches the log only for the time at which the page begins; reading the page finds the
 * other end. With the position of the previous page, the first probe finds it.
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
  // Upward from a seq without a start time, this finds the first entry at once.
  const place = await findTime(history, chat, ends, upward ? from : to + 1);
  const fit = Math.ceil((limits.frameBytes / place.size) * MARGIN);
  const first = Math.min(limit, fit) + place.high - place.low;
  if (upward) return { ...seqs, lower: Math.max(seqs.lower, place.low), from, to, first };
  const upper = place.isEnd ? seqs.upper : Math.min(seqs.upper, place.high - 1);
  return { ...seqs, upper, from, to, first };
}

const millis = (time: string | undefined): Millis | undefined =>
  time === undefined ? undefined : Date.parse(time.toUpperCase());
