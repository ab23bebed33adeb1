import type { ChatSummary, Code, Message, Sending, State } from '../sdk/chat.ts';
import { chatIdOf, chatRefOf, encodeId } from '../sdk/names.ts';
import { nothingRead, type Reading } from '../sdk/reading.ts';
import { indexAfter, type Log } from './log.ts';
import { isIn, type Parts, withPart } from './seen.ts';
import { isBy } from './sender.ts';
import { isReserved } from './shown-names.ts';

/** A row of the list of chats. */
export interface Row extends Reading {
  id: string;
  kind: 'private' | 'group';
  /** The partner or the group. */
  name: string;
  lastAt?: string;
}

/** A snapshot of a `Sending`. */
export type Sent = Pick<Sending, 'id' | 'to' | 'content' | 'status' | 'target' | 'isDeletion' | 'canUndo'> & {
  reason?: string;
};

/** The state that the page and the terminal share: chats, messages, who types. Each adds its own fields. */
export interface View {
  readonly me: string;
  /** A monotonic clock at the last tick, in milliseconds. */
  readonly now: number;
  readonly state: State;
  readonly reason?: Code;
  readonly waitsUntil: number;
  readonly rows: ReadonlyMap<string, Row>;
  readonly logs: ReadonlyMap<string, Log>;
  readonly openId: string;
  /** What was seen of chats in which something before it was passed over, per chat. */
  readonly seen: ReadonlyMap<string, Parts>;
  /**
   * How many unread messages of others those parts had when the client was started, per chat. It counts until the log
   * reaches back to them.
   */
  readonly seenBefore: ReadonlyMap<string, number>;
  /** The seq up to which the partner has read, per private chat. */
  readonly readBy: ReadonlyMap<string, number>;
  readonly typing: readonly { chatId: string; username: string; until: number }[];
  /** When a user last sent a message, by chat and name; on the clock of the last tick. */
  readonly wrote: ReadonlyMap<string, number>;
  /** How users (`@ID`) and groups (`#ID`) want to be called, fit to be shown; empty for who has no name. */
  readonly given: ReadonlyMap<string, string>;
  /** How they are shown (shown-names.ts); who is absent is called by the id. */
  readonly names: ReadonlyMap<string, string>;
  /** The addresses of the pictures of users (`@ID`) and groups (`#ID`), as far as they are known; empty for none. */
  readonly pictures: ReadonlyMap<string, string>;
  /** Messages, edits and deletions that are unsent or failed. */
  readonly sendings: readonly Sent[];
}

export const emptyView = (me: string, now: number): View => ({
  me,
  now,
  state: 'connecting',
  waitsUntil: 0,
  rows: new Map(),
  logs: new Map(),
  openId: '',
  seen: new Map(),
  seenBefore: new Map(),
  readBy: new Map(),
  typing: [],
  wrote: new Map(),
  given: new Map(),
  names: new Map(),
  pictures: new Map(),
  sendings: [],
});

const written = new Map<string, string>();

/** A user's id as it is shown where there is only a name: nobody is taken for a group, or for who is no user. */
export function idText(id: string): string {
  // An identity provider's id may begin like what stands for a group: it is written as in chat ids.
  const text = written.get(id) ?? (/^[#%]/.test(id) ? encodeId(id) : isReserved(id) ? `@${id}` : id);
  written.set(id, text);
  return text;
}

/** A user's display name; the id without one. */
export const nameOf = ({ names }: Pick<View, 'names'>, username: string): string =>
  names.get(`@${username}`) ?? idText(username);

/** A chat's name: the group's title or the partner's display name; the id without one. */
export function titleOf(view: Pick<View, 'names'>, { kind, name }: Pick<Row, 'kind' | 'name'>): string {
  if (kind === 'private') return nameOf(view, name);
  return view.names.get(`#${name}`) ?? (isReserved(name) ? `#${name}` : name);
}

// Sorts after every timestamp.
const LATEST = '9999';

/**
 * The chats, newest first, with what is unread of each and was not seen. A chat to which nothing but unsent messages were
 * written counts as the newest.
 */
export function listed(view: View): Row[] {
  const { me, sendings } = view;
  const rows = new Map(view.rows);
  for (const id of view.seen.keys()) {
    const row = rows.get(id);
    if (row) rows.set(id, unseenOf(view, row));
  }
  const messages = sendings.filter(isMessage);
  const unsent = new Map(messages.map(({ to }) => unsentRow(me, to)).map((row) => [row.id, row]));
  const at = ({ id, lastAt }: Row) => lastAt ?? (unsent.has(id) ? LATEST : '');
  return [...new Map([...unsent, ...rows]).values()].sort((one, other) => {
    // Not by `localeCompare`, which takes milliseconds for hundreds of chats.
    const [first, second] = [at(one), at(other)];
    return first === second ? (one.id < other.id ? -1 : 1) : first > second ? -1 : 1;
  });
}

/** There is one read mark for each chat: what was seen behind it is unread to the service. */
export function unseenOf(view: View, row: Row): Row {
  const parts = view.seen.get(row.id);
  if (!parts) return row;
  const { unread: seen, isExact } = seenUnread(view, row);
  const unread = Math.max(0, row.unread - seen);
  // Some of what was counted may be read or deleted since: then what is unread is among what was passed over.
  const start = withPart(parts, 0, row.read)[0]?.[1] ?? 0;
  const isUncertain = !isExact && row.unread > 0 && unread === 0 && start < row.lastSeq;
  const moreUnread = row.moreUnread || isUncertain;
  return { ...row, unread: Math.max(Number(moreUnread), unread), moreUnread };
}

/** How many unread messages of a chat were seen, behind others that were passed over, and whether the log tells. */
export function seenUnread(
  { me, seen, seenBefore, logs }: View,
  { id, read }: Pick<Row, 'id' | 'read'>,
): { unread: number; isExact: boolean } {
  const parts = seen.get(id) ?? [];
  const behind = parts.map(([first, last]) => [Math.max(first, read + 1), last] as const);
  const log = logs.get(id);
  const isSeen = (message: Message) =>
    !isBy(message, me) && message.deleted === undefined && isIn(parts, message.seq);
  const messages = log?.known ?? [];
  const counted = messages.slice(indexAfter(messages, read)).filter(isSeen).length;
  const start = behind.find(([first, last]) => first <= last)?.[0] ?? Number.POSITIVE_INFINITY;
  if (log?.isWhole || (log?.first ?? Number.POSITIVE_INFINITY) <= start)
    return { unread: counted, isExact: true };
  const most = behind.reduce((sum, [first, last]) => sum + Math.max(0, last + 1 - first), 0);
  return { unread: Math.max(counted, Math.min(seenBefore.get(id) ?? 0, most)), isExact: false };
}

/** The service lists no chat before its first message is stored. */
function unsentRow(me: string, to: Sent['to']): Row {
  const chat = chatRefOf(to);
  const [kind, name] = 'group' in chat ? (['group', chat.group] as const) : (['private', chat.user] as const);
  return { ...nothingRead, id: chatIdOf(me, chat), kind, name };
}

export const openRow = ({ rows, openId }: View): Row | undefined => rows.get(openId);

/** Whether it is a message, not a change of one (changes.ts). */
const isMessage = ({ target }: Sent): boolean => target === undefined;

/** The unsent and failed messages of a chat that are not in its log yet. */
export function sendingsIn({ me, sendings, logs }: View, chatId: string): readonly Sent[] {
  const own = sendings.filter(isMessage).filter(({ to }) => chatIdOf(me, chatRefOf(to)) === chatId);
  // Most chats have none; their thousands of messages need not be looked at.
  if (own.length === 0) return own;
  const stored = new Set(logs.get(chatId)?.newest.messages.map((message) => message.client_message_id));
  return own.filter(({ id }) => !stored.has(id));
}

export const openSendings = (view: View): readonly Sent[] => sendingsIn(view, view.openId);

/** The last message of a chat, with changes applied; undefined if none is known. */
export const lastOf = ({ logs }: View, { id }: Pick<Row, 'id'>): Message | undefined =>
  logs.get(id)?.newest.messages.at(-1);

/** The list of chats as the service would tell it now, of those that it would. */
export const summariesOf = ({ rows, readBy }: View): ChatSummary[] =>
  [...rows.values()]
    .filter(({ kind, lastSeq }) => kind === 'group' || lastSeq > 0)
    .map(({ id, kind, name, lastAt, lastSeq, read, unread, moreUnread }) => ({
      ...{ chat_id: id, kind, name, last_seq: lastSeq, read, unread },
      ...(moreUnread && { unread_more: true as const }),
      ...(lastAt !== undefined && { last_timestamp: lastAt }),
      ...(readBy.has(id) && { partner_read: readBy.get(id) }),
    }));

/** The users who are typing in a chat. */
export const typingIn = ({ typing }: View, id: string): string[] =>
  typing.filter(({ chatId }) => chatId === id).map(({ username }) => username);

/** The next chat with unread messages, or else the next of the list. */
export function nextRow(view: View, direction: -1 | 1): Row | undefined {
  const rows = listed(view);
  const open = rows.findIndex(({ id }) => id === view.openId);
  const start = open < 0 && direction < 0 ? rows.length : open;
  const others = rows.map((_, index) => rows.at((start + direction * (index + 1)) % rows.length));
  return others.find((row) => row && row.id !== view.openId && row.unread > 0) ?? others[0];
}
