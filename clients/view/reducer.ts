import { asName } from '../../protocol/shown-text.ts';
import type { ChatSummary, Code, Message, State } from '../sdk/chat.ts';
import { peerOf } from '../sdk/names.ts';
import { afterMessage, afterRead, afterSummary, isAllRead, nothingRead } from '../sdk/reading.ts';
import { emptyLog, indexAfter, type Log } from './log.ts';
import { isIn, type Parts } from './seen.ts';
import { isBy } from './sender.ts';
import { shownNames } from './shown-names.ts';
import type { Row, Sent, View } from './view.ts';

/** An action on a view. */
export type Action =
  | { what: 'chats'; chats: readonly ChatSummary[] }
  | { what: 'message'; message: Message }
  /** A page that ends before a seq, or is the newest. */
  | { what: 'history'; chatId: string; page: readonly Message[]; before: number | undefined }
  /** A page that begins after a seq. */
  | { what: 'later'; chatId: string; page: readonly Message[]; after: number }
  /** A page in the middle of a chat, to be shown. */
  | { what: 'around'; chatId: string; page: readonly Message[] }
  /** Shows the newest messages, and no longer some from the middle of the chat. */
  | { what: 'newest'; chatId: string }
  | { what: 'sendings'; sendings: readonly Sent[] }
  | { what: 'left'; chatId: string }
  /** `me` is the logged-in user, once known. */
  | { what: 'state'; state: State; reason?: Code; retryInMs?: number; me?: string }
  | { what: 'typing'; chatId: string; username: string }
  | { what: 'read'; chatId: string; username: string; seq: number }
  /** Names that were asked for, as the service has them; undefined for none. */
  | { what: 'names'; names: ReadonlyMap<string, string | undefined> }
  /** The same for the addresses of pictures. */
  | { what: 'pictures'; pictures: ReadonlyMap<string, string | undefined> }
  /** Opens a known or new chat, or none. */
  | { what: 'shown'; chat?: Pick<Row, 'id' | 'kind' | 'name'> }
  /** In the open chat or another one, everything up to this entry. */
  | { what: 'seen'; seq: number; chatId?: string }
  /** These parts of a chat were seen, also what follows something that was passed over. */
  | { what: 'looked'; chatId: string; parts: Parts }
  /** The same of before the client was started, with how many unread messages of others they have. */
  | { what: 'seenBefore'; chats: ReadonlyMap<string, { parts: Parts; unread: number }> }
  | { what: 'tick'; now: number };

type Reducers = { [W in Action['what']]: (view: View, event: Extract<Action, { what: W }>) => View };

/** How long a typing signal lasts: the time of two signals (typing.ts). */
const TYPING_MS = 6_000;
/** A typing signal this soon after a message was sent before it, and arrived late. */
const OVERTAKEN_MS = 2_000;

/** Applies an action to a view. Fields that a client has added stay. */
export const reduce = <V extends View>(view: V, event: Action): V =>
  reducers[event.what](view, event as never) as V;

const reducers: Reducers = {
  chats: (view, { chats }) => chats.reduce(withSummary, view),
  message: (view, { message }) => withMessage(view, message),
  history: (view, { chatId, page, before }) => withLog(view, chatId, (log) => log.withBefore(before, page)),
  later: (view, { chatId, page, after }) => withLog(view, chatId, (log) => log.withAfter(after, page)),
  around: (view, { chatId, page }) => withLog(view, chatId, (log) => log.around(page)),
  newest: (view, { chatId }) => withLog(view, chatId, ({ newest }) => newest),
  sendings: (view, { sendings }) => ({
    ...view,
    sendings: sendings.filter(({ status }) => status !== 'sent').map((sending) => ({ ...sending })),
  }),
  left: (view, { chatId }) => ({
    ...view,
    rows: without(view.rows, chatId),
    logs: without(view.logs, chatId),
    seen: without(view.seen, chatId),
    seenBefore: without(view.seenBefore, chatId),
    openId: view.openId === chatId ? '' : view.openId,
  }),
  state: (view, { state, reason, retryInMs = 0, me = view.me }) => ({
    ...view,
    me,
    state,
    reason,
    waitsUntil: view.now + retryInMs,
    typing: [],
  }),
  typing: withTyping,
  read: withRead,
  names: (view, { names }) => {
    const given = new Map(view.given);
    // The service takes no name that is not fit to be shown; this doesn't rely on it.
    for (const [key, name] of names) given.set(key, asName(name ?? '', '\uFFFD'));
    return { ...view, given, names: shownNames(given) };
  },
  pictures: (view, { pictures }) => {
    const all = new Map(view.pictures);
    for (const [key, picture] of pictures) all.set(key, picture ?? '');
    return { ...view, pictures: all };
  },
  shown: (view, { chat }) => {
    const { openId } = view;
    // Whoever comes back begins anew: where the news are then.
    const left =
      openId === chat?.id || !view.logs.get(openId)?.ahead
        ? view
        : withLog(view, openId, ({ newest }) => newest);
    if (chat === undefined) return { ...left, openId: '' };
    const row = view.rows.get(chat.id) ?? { ...chat, ...nothingRead };
    return { ...withRow(left, row), openId: chat.id };
  },
  seen: (view, { seq, chatId = view.openId }) => {
    const row = view.rows.get(chatId);
    return row && !isAllRead(row) && seq > row.read ? withReadUpTo(view, row, seq) : view;
  },
  looked: (view, { chatId, parts }) => ({
    ...view,
    // One part is what the read mark says.
    seen: parts.length > 1 ? new Map(view.seen).set(chatId, parts) : without(view.seen, chatId),
  }),
  seenBefore: (view, { chats }) => ({
    ...view,
    seen: new Map([...chats].map(([id, { parts }]) => [id, parts])),
    seenBefore: new Map([...chats].map(([id, { unread }]) => [id, unread])),
  }),
  tick: (view, { now }) => ({ ...view, now, typing: view.typing.filter(({ until }) => until > now) }),
};

const withLog = (view: View, chatId: string, change: (log: Log) => Log): View => ({
  ...view,
  logs: new Map(view.logs).set(chatId, change(view.logs.get(chatId) ?? emptyLog)),
});

const withRow = (view: View, row: Row): View => ({ ...view, rows: new Map(view.rows).set(row.id, row) });

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

function withSummary(view: View, summary: ChatSummary): View {
  const { chat_id: id, kind, name, last_timestamp, partner_read } = summary;
  const known = view.rows.get(id);
  const told = partner_read === undefined ? view : withPartnerRead(view, id, partner_read);
  return withRow(told, {
    ...{ id, kind, name, ...afterSummary(known, summary) },
    lastAt: [last_timestamp, known?.lastAt]
      .filter((each) => each !== undefined)
      .sort()
      .at(-1),
  });
}

function withMessage(view: View, message: Message): View {
  const { chat_id: id, sender, timestamp: lastAt } = message;
  const row = view.rows.get(id) ?? { ...chatOf(message, view.me), id, ...nothingRead };
  return {
    ...withRow(
      withLog(view, id, (log) => log.delivered(message)),
      { ...afterMessage(row, message, view.me), lastAt },
    ),
    typing: view.typing.filter((each) => each.chatId !== id || each.username !== sender),
    wrote: new Map(view.wrote).set(`${id} ${sender}`, view.now),
    seenBefore: withoutDeleted(view, row, message),
  };
}

/** What was counted as seen and is deleted by another is not unread any more. */
function withoutDeleted(
  { me, seen, seenBefore }: View,
  { id, read }: Row,
  message: Message,
): View['seenBefore'] {
  const { deletes = 0 } = message;
  const counted = seenBefore.get(id) ?? 0;
  const isCounted = deletes > read && isIn(seen.get(id) ?? [], deletes) && !isBy(message, me);
  return isCounted && counted > 0 ? new Map(seenBefore).set(id, counted - 1) : seenBefore;
}

function withTyping(view: View, { chatId, username }: { chatId: string; username: string }): View {
  const wrote = view.wrote.get(`${chatId} ${username}`) ?? Number.NEGATIVE_INFINITY;
  if (view.now - wrote < OVERTAKEN_MS) return view;
  const others = view.typing.filter((each) => each.chatId !== chatId || each.username !== username);
  return { ...view, typing: [...others, { chatId, username, until: view.now + TYPING_MS }] };
}

/** The partner or group of a message's chat. */
function chatOf(message: Message, me: string): Pick<Row, 'kind' | 'name'> {
  if ('group_id' in message) return { kind: 'group', name: message.group_id };
  return { kind: 'private', name: peerOf(message.chat_id, me) };
}

function withRead(
  view: View,
  { chatId, username, seq }: { chatId: string; username: string; seq: number },
): View {
  if (username === view.me) {
    const row = view.rows.get(chatId);
    return row ? withReadUpTo(view, row, seq) : view;
  }
  return withPartnerRead(view, chatId, seq);
}

/** Read up to a seq. The log knows better than an estimate how many of the entries before and after it were unread. */
function withReadUpTo(view: View, row: Row, seq: number): View {
  const log = view.logs.get(row.id) ?? emptyLog;
  const messages = log.known;
  const unreadIn = (from: number, to?: number) =>
    messages
      .slice(indexAfter(messages, from), to && indexAfter(messages, to))
      .filter((message) => !isBy(message, view.me) && message.deleted === undefined).length;
  const after = afterRead(row, seq);
  if (after === row) return view;
  // What was read may be among those that were not counted.
  const rest = row.moreUnread ? after.unread : Math.min(after.unread, row.unread - unreadIn(row.read, seq));
  const known = unreadIn(after.read);
  const { ahead, first = 0, last = 0 } = log;
  // With all that follows, the log is exact.
  const isAll = row.moreUnread && !ahead && first <= seq + 1 && last >= row.lastSeq;
  return withRow(view, {
    ...after,
    unread: isAll ? known : Math.max(rest, known),
    moreUnread: after.moreUnread && !isAll,
  });
}

const withPartnerRead = (view: View, chatId: string, seq: number): View => ({
  ...view,
  readBy: new Map(view.readBy).set(chatId, Math.max(seq, view.readBy.get(chatId) ?? 0)),
});
