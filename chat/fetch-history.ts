import {
  ChatError,
  type fetchHistory as command,
  limits,
  type ReplyOf,
  type RequestOf,
  type WireMessage,
} from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { firstFor, seenIn, toWire } from './chats.ts';
import { findChat } from './find-chat.ts';
import { fitting } from './pages.ts';
import type { Caller, Connections, History, LogEntry, Members, Millis, Names } from './ports.ts';
import { withTexts } from './texts.ts';

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
  const { lower, upper } = await boundsOf(ports.history, chat, request);
  const shows = (entry: LogEntry) => !entry.expired && (request.changes === true || isMessage(entry));
  const limit = request.limit ?? limits.historyDefault;
  const bounds = { lower: Math.max(lower, firstFor(row)), upper };
  const wanted: Wanted = { chat, viewer: username, generation: row.generation, ...bounds, limit, shows };
  if (!upward) return { recipient, ...(await pageDown(ports.history, wanted)) };
  const { begin, ...page } = await pageUp(ports.history, wanted);
  const { after_seq, start_time } = request;
  const isGone = after_seq !== undefined && start_time === undefined && begin > after_seq + 1;
  return { recipient, ...page, ...(isGone && { oldest: begin }) };
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
  generation: number | undefined;
  limit: number;
  /** Which entries are shown. */
  shows: (entry: LogEntry) => boolean;
}

/** What changed a message shows in that message. */
const isMessage = ({ edits, deletes }: LogEntry): boolean => edits === undefined && deletes === undefined;

/** @returns `begin` is the first seq from the lower bound on that is kept */
async function pageUp(history: History, wanted: Wanted): Promise<Page & { begin: number }> {
  const { chat, lower, upper } = wanted;
  let begin = lower;
  let isFound = false;
  const { messages, last } = await fill(history, wanted, async (size, behind = lower - 1) => {
    if (behind >= upper) return { entries: [], isEnd: true };
    // One more than asked for tells whether there is a following page.
    const { entries, more } = await history.from(chat, behind + 1, size + 1);
    const looked = entries.filter(({ seq }) => seq <= upper).slice(0, size);
    const end = looked.at(-1)?.seq ?? upper;
    const kept = looked.find(({ expired }) => !expired);
    if (!isFound && looked.length > 0) begin = kept?.seq ?? end + 1;
    isFound ||= kept !== undefined;
    return { entries: looked, isEnd: end >= upper || (end === entries.at(-1)?.seq && !more) };
  });
  return { messages, begin, next: last === undefined ? undefined : { after_seq: last } };
}

async function pageDown(history: History, wanted: Wanted): Promise<Page> {
  const { chat, lower, upper } = wanted;
  const { messages, last } = await fill(history, wanted, async (size, behind = upper + 1) => {
    const looked = await history.newest(chat, size, behind - 1);
    // No holes but of what has expired, and behind that there is nothing that is not.
    const isEnd = (looked[0]?.seq ?? lower) <= lower || looked.some(({ expired }) => expired);
    return { entries: looked.filter(({ seq }) => seq >= lower).reverse(), isEnd };
  });
  return { messages: messages.reverse(), next: last === undefined ? undefined : { before_seq: last } };
}

/** Entries in the order in which a page is filled, and whether there are none behind them. */
interface Looked {
  entries: LogEntry[];
  isEnd: boolean;
}

// Where there are others among what is shown, like changes, a page takes so many reads, the later ones of so many
// entries, and may be not full then, or empty.
const [READS, FURTHER] = [10, 200];

/** @returns `last` is the seq behind which the next page begins; absent, there is none */
async function fill(
  history: History,
  { viewer, generation, limit, shows }: Wanted,
  look: (size: number, behind?: number) => Promise<Looked>,
): Promise<{ messages: WireMessage[]; last?: number }> {
  const found: WireMessage[] = [];
  let behind: number | undefined;
  for (let reads = 1; ; reads++) {
    // The first look is enough, but where there are changes.
    const { entries, isEnd } = await look(reads === 1 ? limit : Math.max(limit, FURTHER), behind);
    const seen = entries.map((entry) => seenIn(generation, entry)).filter(shows);
    found.push(...(await withTexts(history, seen)).map((entry) => toWire(entry, viewer)));
    const messages = fitting(found.slice(0, limit), OVERHEAD);
    const isCut = messages.length < found.length;
    if (isEnd && !isCut) return { messages };
    const last = (isCut ? messages : entries).at(-1)?.seq;
    const isFull = isCut || messages.length === limit || reads >= READS;
    if (isFull || last === undefined) return { messages, last };
    behind = last;
  }
}
