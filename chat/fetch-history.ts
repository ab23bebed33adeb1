import {
  ChatError,
  type fetchHistory as command,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { toWire } from './chats.ts';
import { findChat } from './find-chat.ts';
import { fitting } from './pages.ts';
import type { Caller, Connections, History, LogEntry, Members, Millis, Names } from './ports.ts';

interface Ports {
  connections: Connections;
  names: Names;
  members: Members;
  history: History;
}

type Request = RequestOf<typeof command>;
type Reply = ReplyOf<typeof command>;

// `type`, `status`, names, a `request_id` of 64 characters that take 6 bytes each, and `next`.
const OVERHEAD = 800;

/**
 * One page of a chat. With a lower bound it pages upward from there, else downward from the newest.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function fetchHistory(ports: Ports, request: Request, caller: Caller): Promise<Reply> {
  const recipient = request.recipient ?? request.group_id;
  if (recipient === undefined) throw new ChatError('bad_request', '"recipient" is missing.');
  const username = await loggedIn(ports.connections, caller);
  const row = await findChat(ports, username, recipient, request.recipient === undefined);
  if (row === undefined) return { recipient, messages: [] };
  const { chat } = row;
  const upward = request.start_time !== undefined || request.after_seq !== undefined;
  const bounds = await boundsOf(ports.history, chat, request);
  const shows = (entry: LogEntry) => !entry.expired && (request.changes === true || isMessage(entry));
  const limit = request.limit ?? limits.historyDefault;
  const wanted: Wanted = { chat, viewer: username, ...bounds, limit, shows };
  const page = await (upward ? pageUp : pageDown)(ports.history, wanted);
  return { recipient, ...page };
}

/** The seqs that a request asks for, both inclusive. */
interface Bounds {
  lower: number;
  upper: number;
}

async function boundsOf(history: History, chat: string, request: Request): Promise<Bounds> {
  let lower = (request.after_seq ?? 0) + 1;
  let upper = (request.before_seq ?? Number.MAX_SAFE_INTEGER) - 1;
  const { start_time: start, end_time: end } = request;
  if (start === undefined && end === undefined) return { lower, upper };
  const last = (await history.newest(chat, 1)).at(-1)?.seq ?? 0;
  if (start !== undefined) lower = Math.max(lower, await firstFrom(history, chat, last, millis(start)));
  if (end !== undefined) upper = Math.min(upper, (await firstFrom(history, chat, last, millis(end) + 1)) - 1);
  return { lower, upper };
}

const millis = (time: string): Millis => Date.parse(time.toUpperCase());

/** The first seq at or after a time, `last` + 1 if there is none. Time order is seq order: search by halves. */
async function firstFrom(history: History, chat: string, last: number, time: Millis): Promise<number> {
  let [low, high] = [1, last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const entry = await history.get(chat, middle);
    if (entry !== undefined && entry.at >= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

type Page = Pick<Reply, 'messages' | 'next'>;

/** What a page is made of. */
interface Wanted extends Bounds {
  chat: string;
  viewer: string;
  limit: number;
  /** Which entries are shown. A page of none goes on to the next. */
  shows: (entry: LogEntry) => boolean;
}

/** What changed a message shows in that message. */
const isMessage = ({ edits, deletes }: LogEntry): boolean => edits === undefined && deletes === undefined;

async function pageUp(history: History, wanted: Wanted): Promise<Page> {
  const { chat, viewer, lower, upper, limit, shows } = wanted;
  for (let from = lower; from <= upper; ) {
    // One more than asked for tells whether there is a following page.
    const { entries, more } = await history.from(chat, from, limit + 1);
    const looked = entries.filter((entry) => entry.seq <= upper).slice(0, limit);
    const shown = wire(looked.filter(shows), viewer);
    const messages = fitting(shown, OVERHEAD);
    const last = messages.length < shown.length ? messages.at(-1) : looked.at(-1);
    const isLast = last === undefined || last.seq >= upper || (last.seq === entries.at(-1)?.seq && !more);
    if (isLast || messages.length > 0)
      return { messages, next: isLast ? undefined : { after_seq: last.seq } };
    from = last.seq + 1;
  }
  return { messages: [] };
}

async function pageDown(history: History, wanted: Wanted): Promise<Page> {
  const { chat, viewer, lower, upper, limit, shows } = wanted;
  for (let to = upper; to >= lower; ) {
    const looked = await history.newest(chat, limit, to);
    const shown = wire(looked.filter(shows), viewer).reverse();
    const messages = fitting(shown, OVERHEAD).reverse();
    // No holes but of what has expired: there is more exactly if the first that was looked at is not the first of all.
    const first = messages.length < shown.length ? messages[0] : looked[0];
    // Behind one that is too old there are none but older ones.
    const isLast = first === undefined || first.seq <= lower || looked.some(({ expired }) => expired);
    if (isLast || messages.length > 0)
      return { messages, next: isLast ? undefined : { before_seq: first.seq } };
    to = first.seq - 1;
  }
  return { messages: [] };
}

const wire = (entries: readonly LogEntry[], viewer: string) => entries.map((entry) => toWire(entry, viewer));
