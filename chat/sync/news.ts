import {
  idBytes,
  limits,
  type ReplyOf,
  type RequestOf,
  sizeOf,
  surplusOfNext,
  type sync,
  type WireMessage,
} from '../../protocol/index.ts';
import { firstFor, toWire } from '../entries.ts';
import type { LogEntry } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { entriesFrom, type LogStart } from './read-logs.ts';

interface Ports {
  members: Members;
  history: History;
}

/** A walk over a user's chats, ordered by id: from a position on, up to a chat, or all of them. */
export type Walk = RequestOf<typeof sync>;

/** Where a walk continues: chats before `from_chat` are done, and the entries of that chat before `from_seq`. */
export interface Position {
  from_chat: string;
  from_seq?: number;
}

/** One page of a walk's news. */
export interface News {
  messages: WireMessage[];
  /** Chat → its first kept seq, if the entry after the client's cursor has expired. */
  oldest: Record<string, number>;
  /** Where the next page begins; absent at the end of the walk. */
  next?: Position;
  /** The end of the walk; absent without chats. */
  end?: Position;
}

// Bytes for `type`, `status`, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 800;
/** A chat with news, and the next seq that the client expects. */
interface WithNews extends LogStart {
  expected: number;
}

// Chat ids that one request reads: more than the maximum number of cursors (`limits.cursors`).
const LISTED = 1_500;
// Chats per batch: the maximum number of keys of one BatchGetItem.
const BATCH = 100;
// Entries in the first read of each chat: few, because one chat may fill the page.
const FIRST = 4;
// The number of short messages that fill a page.
const MAX_AHEAD = 200;
// The size that an expired entry counts as, in bytes, so that a page of expired entries ends.
const EXPIRED_SIZE = 32;

/** Whether a walk includes a chat. */
export const isInWalk = (chat: string, { from_chat, to_chat }: Walk): boolean =>
  chat >= (from_chat ?? '') && (to_chat === undefined || chat < to_chat);

/**
 * Returns what came after a client's cursors. A log has no holes, so a chat has news if the entry after the cursor exists:
 * a chat without news costs one key lookup.
 * @param listed chats of the user, in addition to those with a cursor
 * @param upTo the last chat up to which `listed` is complete: the page ends there, and the walk continues after it
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
  const page = new Page(username, chats);
  for (let index = 0; index < chats.length; index += BATCH) {
    const starts = await withNews(ports, username, walk, chats.slice(index, index + BATCH));
    const later = starts.filter(({ expected, start }) => start > expected);
    // Chats come in order: one that has nothing to read, too.
    const passTo = (chat: string) => {
      for (let of = later[0]; of && of.chat <= chat; of = later[0]) {
        if (!page.skip(of)) return { ...page.news, next: { from_chat: of.chat } };
        later.shift();
      }
      return undefined;
    };
    const ahead = { first: FIRST, rest: () => page.ahead };
    for await (const { of, entry } of entriesFrom(ports.history, starts, ahead)) {
      const full = passTo(of.chat);
      if (full) return full;
      if (!page.take(of, entry)) return { ...page.news, next: page.positionIn(of) };
    }
    const full = passTo(starts.at(-1)?.chat ?? '');
    if (full) return full;
  }
  const end = page.endAt(isCut ? upTo : chats.at(-1), walk);
  return { ...page.news, end, ...(isCut && { next: end }) };
}

/** The user's chats in a walk, at most `LISTED`. */
export const chatsIn = (
  { members }: Pick<Ports, 'members'>,
  username: string,
  walk: Walk,
): Promise<string[]> => members.chatsOf(username, { from: walk.from_chat, to: walk.to_chat, limit: LISTED });

/**
 * The chat up to which all of the user's chats and pointers are known; undefined if all are.
 * @param listed what `chatsIn` returned
 * @param pointersUpTo the chat up to which the pointers have been read; absent if all have been
 */
export const knownUpTo = (listed: readonly string[], pointersUpTo?: string): string | undefined =>
  [listed[LISTED - 1], pointersUpTo].filter((end) => end !== undefined).sort()[0];

/** News as a reply. @param next where the client continues */
export const pageOf = ({ messages, oldest }: News, next: Position | undefined): ReplyOf<typeof sync> => ({
  messages,
  more: next !== undefined,
  next,
  ...(Object.keys(oldest).length > 0 && { oldest }),
});

/** The chats with news for a member, and where it begins: after the cursor, or else when the member joined. */
async function withNews(
  { members, history }: Ports,
  username: string,
  walk: Walk,
  chats: readonly string[],
): Promise<WithNews[]> {
  const starts = new Map(chats.map((chat) => [chat, startOf(chat, walk)]));
  const known = [...starts].flatMap(([chat, seq]) => (seq === undefined ? [] : [{ chat, seq }]));
  const news = await history.reaching(known);
  const candidates = chats.filter((chat) => starts.get(chat) === undefined || news.has(chat));
  // The index may lag, so membership is checked with a strongly consistent read by key.
  const rows = await members.getMany(candidates.map((chat) => ({ chat, username })));
  const withStarts = rows.map((row) => {
    const { chat, since, generation } = row;
    const expected = starts.get(chat) ?? since;
    // A cursor may be from an earlier group with the same name.
    return { chat, expected, start: Math.max(expected, firstFor(row)), generation };
  });
  return withStarts.sort((one, other) => (one.chat < other.chat ? -1 : 1));
}

/** The first seq that a client lacks; undefined without a cursor or position in the chat. */
function startOf(chat: string, { cursors = {}, from_chat, from_seq }: Walk): number | undefined {
  // Logs begin at seq 1: a lookup of seq 0 would find no news.
  const from = chat === from_chat && from_seq !== undefined ? Math.max(1, from_seq) : undefined;
  if (!Object.hasOwn(cursors, chat)) return from;
  // Keeps the seq within what the database accepts.
  const behind = Math.min((cursors[chat] ?? 0) + 1, Number.MAX_SAFE_INTEGER);
  return Math.max(behind, from ?? 1);
}

/** A page that is being filled. */
class Page {
  readonly news: Pick<News, 'messages' | 'oldest'> = { messages: [], oldest: {} };
  readonly #viewer: string;
  #room: number;
  #entries = 0;
  #used = 0;
  /** The current chat, and its next seq. */
  #chat = '';
  #next = 0;

  /** @param chats those of the walk */
  constructor(viewer: string, chats: readonly string[]) {
    this.#viewer = viewer;
    this.#room = limits.frameBytes - OVERHEAD - surplusOfNext(chats);
  }

  /** How many entries may still fit into the page. */
  get ahead(): number {
    const mean = this.#used / Math.max(1, this.#entries) || EXPIRED_SIZE;
    return Math.min(MAX_AHEAD, Math.max(1, Math.ceil(this.#room / mean)));
  }

  /** Notes that a chat begins after the seq that the client expects. @returns whether there was room */
  skip({ chat, start }: WithNews): boolean {
    const size = this.#noteSize(chat);
    if (size > this.#room) return false;
    this.news.oldest[chat] = start;
    this.#room -= size;
    return true;
  }

  /** Adds an entry. @returns whether there was room; an empty page takes any entry */
  take(of: WithNews, entry: LogEntry): boolean {
    const message = entry.expired ? undefined : toWire(entry, this.#viewer);
    const first = message ? entry.seq : entry.seq + 1;
    const isGap = first > this.#nextIn(of);
    const size = (message ? sizeOf(message) : EXPIRED_SIZE) + (isGap ? this.#noteSize(of.chat) : 0);
    const isEmpty = this.#entries === 0 && Object.keys(this.news.oldest).length === 0;
    if (size > this.#room && !isEmpty) return false;
    if (isGap) this.news.oldest[of.chat] = first;
    if (message) this.news.messages.push(message);
    this.#room -= size;
    this.#used += size;
    this.#entries++;
    this.#chat = of.chat;
    this.#next = entry.seq + 1;
    return true;
  }

  positionIn(of: WithNews): Position {
    return { from_chat: of.chat, from_seq: this.#nextIn(of) };
  }

  /** @param chat the last of the walk; if it is also the first, its `from_seq` is kept */
  endAt(chat: string | undefined, { from_chat, from_seq }: Walk): Position | undefined {
    if (chat === undefined) return undefined;
    if (chat === this.#chat) return { from_chat: chat, from_seq: this.#next };
    return { from_chat: chat, ...(chat === from_chat && { from_seq }) };
  }

  /** Bytes that `oldest` grows by. */
  #noteSize(chat: string): number {
    return Object.hasOwn(this.news.oldest, chat) ? 0 : idBytes(chat) + 23;
  }

  #nextIn({ chat, start }: WithNews): number {
    return chat === this.#chat ? this.#next : start;
  }
}
