import type { Counted } from './counter.ts';
import { GB, sent, stored, withFixed } from './kept.ts';
import { type Load, type Month, monthOf } from './load.ts';
import type { Measures } from './measures.ts';
import { sum, times, type Usage } from './usage.ts';

// Frames of a login, below the 32 KB that count once (protocol/limits.ts).
const FRAME_BYTES = 32_000;

/** An operation, its number per month, and its work. */
export interface Row {
  operation: string;
  count: number;
  counted: Counted;
}

/** The operations of a month. */
export function rowsOf(load: Load, measures: Measures): Row[] {
  const month = monthOf(load, measures.here);
  const { toOnline, toAway, toGroup, login, disconnect, page, ping } = measures;
  return [
    row('message to an online user', month.toOnline, toOnline),
    row('message to an away user', month.toAway, toAway),
    row(
      `message to a group of ${count(load.members)}, ${count(measures.here)} online`,
      month.toGroup,
      toGroup,
    ),
    row('login with pending messages', month.visits, visit(month, measures)),
    row('renewal of a 2-hour-old connection', month.renewals, login),
    row('end of a connection', month.visits + month.renewals, disconnect),
    row('page of history', month.pages, page),
    row('ping', month.pings, ping),
  ];
}

const count = (of: number): string => of.toLocaleString('en-US');

const row = (operation: string, count: number, counted: Counted): Row => ({ operation, count, counted });

/** Includes the cost of marking messages pending: the first message that an absent member of a chat misses. */
function visit(
  month: Month,
  { login, markPrivate, markGroup, pendingChat, pendingMessage }: Measures,
): Counted {
  const pending = times(month.pending, pendingMessage);
  const more = Math.max(0, Math.ceil(((pending.sentOut ?? 0) * GB) / FRAME_BYTES) - 1);
  const marking = times(month.chats / 2, sum(markPrivate, markGroup));
  const usage = sum(login.usage, marking, times(month.chats, pendingChat), pending, { messages: more });
  return { ...login, posts: login.posts + more, usage };
}

/** The counted cost of this service. */
export function ours(load: Load, measures: Measures): Usage {
  const { minutes } = monthOf(load, measures.here);
  const said = rowsOf(load, measures).map(({ count, counted }) => times(count, counted.usage));
  return sum(withFixed(sum(...said, { minutes }), measures), stored(load, sent(load)));
}
