import {
  ChatError,
  type fetchHistory as command,
  fitting,
  limits,
  type ReplyOf,
  type RequestOf,
  sizeOf,
  type WireMessage,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import { firstFor, isChange, seenIn, toWire } from '../entries.ts';
import { chatsFor, findChat, meantBy } from '../find-chat.ts';
import type { Caller, LogEntry } from '../model.ts';
import type { Directory, History, Members } from '../ports.ts';
import { withTexts } from './edit-texts.ts';
import { endsFor, isUpward, MARGIN, type Window, windowOf } from './history-window.ts';

interface Ports extends CallerPorts {
  directory: Directory;
  members: Members;
  history: History;
}

type Request = RequestOf<typeof command>;
type Reply = ReplyOf<typeof command>;

// Bytes for `type`, `status`, names, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 800;

/**
 * Returns one page of a chat: upward from the lower bound if there is one, else downward from the newest.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function fetchHistory(ports: Ports, request: Request, caller: Caller): Promise<Reply> {
  const { recipient = request.group_id, group_id: group } = request;
  if (recipient === undefined) throw new ChatError('bad_request', '"recipient" is missing.');
  const username = await currentUser(ports, caller);
  const meant = request.recipient === undefined && group !== undefined ? { group } : meantBy(recipient);
  // Reads the ends of the log while it checks the membership, to save a round trip.
  const [row, endsOf] = await Promise.all([
    findChat(ports, username, meant),
    endsFor(ports.history, chatsFor(username, meant), request),
  ]);
  if (row === undefined) return { recipient, messages: [] };
  const { chat, generation } = row;
  const { lower, upper, ...window } = await windowOf(ports.history, chat, endsOf.get(chat), request);
  const wanted: Wanted = {
    ...{ chat, viewer: username, generation, ...window },
    ...{ lower: Math.max(lower, firstFor(row)), upper },
    limit: request.limit ?? limits.historyDefault,
    withChanges: request.changes === true,
  };
  if (!isUpward(request)) return { recipient, ...(await pageDown(ports.history, wanted)) };
  const { begin, ...page } = await pageUp(ports.history, wanted);
  const { after_seq, start_time } = request;
  const isGone = after_seq !== undefined && start_time === undefined && begin > after_seq + 1;
  return { recipient, ...page, ...(isGone && { oldest: begin }) };
}

type Page = Pick<Reply, 'messages' | 'next'>;

/** The entries that a page may contain. */
interface Wanted extends Window {
  chat: string;
  viewer: string;
  generation: number | undefined;
  limit: number;
  withChanges: boolean;
}

/** Whether the page shows an entry. Without `withChanges`, edits and deletions show only in their messages. */
const shows = (entry: LogEntry, { from, to, withChanges }: Wanted): boolean =>
  !entry.expired && entry.at >= from && entry.at <= to && (withChanges || !isChange(entry));

/** @returns `begin` is the first seq, from the lower bound on, that has not expired */
async function pageUp(history: History, wanted: Wanted): Promise<Page & { begin: number }> {
  const { chat, lower, upper, to } = wanted;
  let begin = lower;
  let isFound = false;
  const { messages, last } = await fill(history, wanted, async (size, behind = lower - 1) => {
    if (behind >= upper) return { entries: [], isEnd: true };
    // Reads one extra entry to find out whether there is a next page.
    const { entries, more } = await history.from(chat, behind + 1, size + 1);
    const within = entries.filter(({ seq, at }) => seq <= upper && at <= to);
    const looked = within.slice(0, size);
    const end = looked.at(-1)?.seq ?? upper;
    const kept = looked.find(({ expired }) => !expired);
    if (!isFound && looked.length > 0) begin = kept?.seq ?? end + 1;
    isFound ||= kept !== undefined;
    const isLast = looked.length === within.length && (within.length < entries.length || !more);
    return { entries: looked, isEnd: end >= upper || isLast };
  });
  return { messages, begin, next: last === undefined ? undefined : { after_seq: last } };
}

async function pageDown(history: History, wanted: Wanted): Promise<Page> {
  const { chat, lower, upper } = wanted;
  const { messages, last } = await fill(history, wanted, async (size, behind = upper + 1) => {
    const looked = await history.newest(chat, size, behind - 1);
    // All entries before an expired one have expired as well.
    const isEnd = (looked[0]?.seq ?? lower) <= lower || looked.some(({ expired }) => expired);
    return { entries: looked.filter(({ seq }) => seq >= lower).reverse(), isEnd };
  });
  return { messages: messages.reverse(), next: last === undefined ? undefined : { before_seq: last } };
}

/** Entries in page order, and whether they are the last ones. */
interface Looked {
  entries: LogEntry[];
  isEnd: boolean;
}

// A page takes at most this many reads, with this many entries at least and at most in each. If most entries are not
// shown, such as edits, the page may be short or empty.
const [MAX_READS, MIN_SIZE, MAX_SIZE] = [10, 10, 200];

/** @returns `last` is the seq after which the next page begins; absent if there is none */
async function fill(
  history: History,
  wanted: Wanted,
  look: (size: number, behind?: number) => Promise<Looked>,
): Promise<{ messages: WireMessage[]; last?: number }> {
  const { viewer, generation, limit, first } = wanted;
  const found: WireMessage[] = [];
  let behind: number | undefined;
  let size = first;
  let room = limits.frameBytes - OVERHEAD;
  for (let reads = 1, looked = 0; ; reads++) {
    const { entries, isEnd } = await look(size, behind);
    const seen = entries.map((entry) => seenIn(generation, entry)).filter((entry) => shows(entry, wanted));
    // Stops one message after the page is full, because each edit costs a read of its text.
    for await (const entry of withTexts(history, seen)) {
      const message = toWire(entry, viewer);
      found.push(message);
      room -= sizeOf(message);
      if (found.length > 1 && (room < 0 || found.length > limit)) break;
    }
    const messages = fitting(found.slice(0, limit), OVERHEAD, sizeOf);
    const isCut = messages.length < found.length;
    if (isEnd && !isCut) return { messages };
    const last = (isCut ? messages : entries).at(-1)?.seq;
    const isFull = isCut || messages.length === limit || reads >= MAX_READS;
    if (isFull || last === undefined) return { messages, last };
    behind = last;
    looked += entries.length;
    size = Math.max(
      MIN_SIZE,
      Math.min(MAX_SIZE, Math.ceil(missing(messages, limit) * (looked / messages.length))),
    );
  }
}

/** How many more messages fit into a page, if they have the same average size. */
function missing(messages: readonly WireMessage[], limit: number): number {
  const used = messages.reduce((sum, message) => sum + sizeOf(message), OVERHEAD);
  const fit = ((limits.frameBytes - used) / used) * messages.length * MARGIN;
  return messages.length === 0 ? limit : Math.min(limit - messages.length, fit);
}
