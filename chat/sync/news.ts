import { limits, type ReplyOf, type RequestOf, type sync, type WireMessage } from '../../protocol/index.ts';
import { firstFor, toWire } from '../entries.ts';
import { sizeOf } from '../frame-size.ts';
import type { LogEntry } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { entriesFrom, type LogStart } from './read-logs.ts';

interface Ports {
  members: Members;
  history: History;
}

/** A walk over a user's chats, in the order of their ids: all of them, or from a position on, up to a chat. */
export type Walk = RequestOf<typeof sync>;

/** Where a walk goes on: chats before `from_chat` are done, and of that one what is before `from_seq`. */
export interface Position {
  from_chat: string;
  from_seq?: number;
}

/** What a walk came by, as much as a page holds. */
export interface News {
  messages: WireMessage[];
  /** Chat → the first seq that there still is, where the next one of the client's is gone. */
  oldest: Record<string, number>;
  /** Where the page was full; absent if the walk is at its end. */
  next?: Position;
  /** The end of the walk; absent if there was no chat. */
  end?: Position;
}

// `type`, `status`, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 800;
/** What is to be handed over of a chat, and the seq that its reader thinks comes next. */
interface Lacking extends LogStart {
  expected: number;
}

// Ids of chats that one request reads; more than it may have cursors (`limits.cursors`).
const LISTED = 1_500;
// Chats that are looked at together: as many keys as the database takes in one request.
const TOGETHER = 100;
// Entries to read of each chat at first: a page that one of them fills needs no others.
const FIRST = 4;
// What a page holds of short messages.
const MOST_AHEAD = 200;
// An entry that is not shown any more takes no room; but a page must end, too.
const SKIPPED = 32;

/** Whether a walk comes by a chat. */
export const isInWalk = (chat: string, { from_chat, to_chat }: Walk): boolean =>
  chat >= (from_chat ?? '') && (to_chat === undefined || chat < to_chat);

/**
 * What came after a client's cursors. A log has no holes, so whether there is news is whether one entry is there: for
 * each chat with a cursor this costs one look at one key, and nothing else where there is none.
 * @param listed chats of the user; those that have a cursor are looked at as well
 * @param upTo the chat behind which there may be others that are not listed: the walk goes on from there
 */
export async function newsIn(
  ports: Ports,
  username: string,
  walk: Walk,
  listed: readonly string[],
  upTo?: string,
): Promise<News> {
  const isCut = upTo !== undefined && isInWalk(upTo, walk);
  const chats = [...new Set([...listed, ...Object.keys(walk.cursors ?? {})])]
    .filter((chat) => isInWalk(chat, walk) && !(isCut && chat > upTo))
    .sort();
  const page = new Page(username);
  for (let index = 0; index < chats.length; index += TOGETHER) {
    const owed = await withNews(ports, username, walk, chats.slice(index, index + TOGETHER));
    for (const of of owed) page.skip(of);
    const ahead = { first: FIRST, rest: () => page.ahead };
    for await (const { of, entry } of entriesFrom(ports.history, owed, ahead)) {
      if (!page.take(of, entry)) return { ...page.news, next: page.positionIn(of) };
    }
  }
  const end = page.endAt(isCut ? upTo : chats.at(-1), walk);
  return { ...page.news, end, ...(isCut && { next: end }) };
}

/** The user's chats that a walk comes by, as many as are looked at in one request. */
export const chatsIn = (
  { members }: Pick<Ports, 'members'>,
  username: string,
  walk: Walk,
): Promise<string[]> => members.chatsOf(username, { from: walk.from_chat, to: walk.to_chat, limit: LISTED });

/**
 * The chat behind which there may be others that are owed, or the user's.
 * @param listed as `chatsIn` listed them
 * @param owed up to where it is known what is owed; absent, all is
 */
export const knownUpTo = (listed: readonly string[], owed?: string): string | undefined =>
  [listed[LISTED - 1], owed].filter((end) => end !== undefined).sort()[0];

/** News as a reply. @param next where its asker goes on */
export const pageOf = ({ messages, oldest }: News, next: Position | undefined): ReplyOf<typeof sync> => ({
  messages,
  more: next !== undefined,
  next,
  ...(Object.keys(oldest).length > 0 && { oldest }),
});

/** Which of some chats have news for a member, and where it begins: without a cursor, where the member's part does. */
async function withNews(
  { members, history }: Ports,
  username: string,
  walk: Walk,
  chats: readonly string[],
): Promise<Lacking[]> {
  const starts = new Map(chats.map((chat) => [chat, startOf(chat, walk)]));
  const known = [...starts].flatMap(([chat, seq]) => (seq === undefined ? [] : [{ chat, seq }]));
  const news = await history.reaching(known);
  const asked = chats.filter((chat) => starts.get(chat) === undefined || news.has(chat));
  // The index lags behind: by key, and strongly consistent, it is certain who is still a member.
  const rows = await members.getMany(asked.map((chat) => ({ chat, username })));
  const lacking = rows.map((row) => {
    const { chat, since, generation } = row;
    const expected = starts.get(chat) ?? since;
    // A cursor may be from before the group's name was taken anew.
    return { chat, expected, start: Math.max(expected, firstFor(row)), generation };
  });
  return lacking.sort((one, other) => (one.chat < other.chat ? -1 : 1));
}

/** The first seq that a client lacks; undefined if it has said nothing of the chat. */
function startOf(chat: string, { cursors = {}, from_chat, from_seq }: Walk): number | undefined {
  // No log has a seq 0: a look at that key would find no news.
  const from = chat === from_chat && from_seq !== undefined ? Math.max(1, from_seq) : undefined;
  if (!Object.hasOwn(cursors, chat)) return from;
  // What comes after the largest number is none that the database takes.
  const behind = Math.min((cursors[chat] ?? 0) + 1, Number.MAX_SAFE_INTEGER);
  return Math.max(behind, from ?? 1);
}

/** A page that is being filled. */
class Page {
  readonly news: Pick<News, 'messages' | 'oldest'> = { messages: [], oldest: {} };
  readonly #viewer: string;
  #room = limits.frameBytes - OVERHEAD;
  #entries = 0;
  #used = 0;
  /** The chat that is looked at, and its seq that would come next. */
  #chat = '';
  #next = 0;

  constructor(viewer: string) {
    this.#viewer = viewer;
  }

  /** How many entries the rest of the page may hold. */
  get ahead(): number {
    const mean = this.#used / Math.max(1, this.#entries) || SKIPPED;
    return Math.min(MOST_AHEAD, Math.max(1, Math.ceil(this.#room / mean)));
  }

  /** Tells of a chat that does not go on where its reader thinks. */
  skip({ chat, expected, start }: Lacking): void {
    if (start > expected) this.#tellOldest(chat, start);
  }

  /** @returns whether there was room: a page without an entry takes any */
  take(of: Lacking, entry: LogEntry): boolean {
    const message = entry.expired ? undefined : toWire(entry, this.#viewer);
    const size = message ? sizeOf(message) : SKIPPED;
    if (size > this.#room && this.#entries > 0) return false;
    const first = message ? entry.seq : entry.seq + 1;
    if (first > this.#nextIn(of)) this.#tellOldest(of.chat, first);
    if (message) this.news.messages.push(message);
    this.#room -= size;
    this.#used += size;
    this.#entries++;
    this.#chat = of.chat;
    this.#next = entry.seq + 1;
    return true;
  }

  positionIn(of: Lacking): Position {
    return { from_chat: of.chat, from_seq: this.#nextIn(of) };
  }

  /** @param chat the last of the walk; if it is the first too, what is before its `from_seq` stays done */
  endAt(chat: string | undefined, { from_chat, from_seq }: Walk): Position | undefined {
    if (chat === undefined) return undefined;
    if (chat === this.#chat) return { from_chat: chat, from_seq: this.#next };
    return { from_chat: chat, ...(chat === from_chat && { from_seq }) };
  }

  #tellOldest(chat: string, seq: number): void {
    if (!Object.hasOwn(this.news.oldest, chat)) this.#room -= chat.length + 25;
    this.news.oldest[chat] = seq;
  }

  #nextIn({ chat, start }: Lacking): number {
    return chat === this.#chat ? this.#next : start;
  }
}
