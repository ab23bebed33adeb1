import type { sync as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import type { Caller, Handed } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { before, isKnownAt, pointersOf, withoutNews } from './acknowledge.ts';
import { chatsIn, knownUpTo, type News, newsIn, type Position, pageOf, type Walk } from './news.ts';
import type { PointerPorts } from './pending-pointers.ts';

interface Ports extends PointerPorts, CallerPorts {
  members: Members;
  history: History;
}

/**
 * Returns a page of everything after the cursors. A request that continues after a page proves that the client received
 * it, so its messages are acknowledged (docs/guarantees.md, the inbox).
 * @throws ChatError `not_logged_in`
 */
export async function sync(
  ports: Ports,
  request: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await currentUser(ports, caller);
  const [listed, pointers] = await Promise.all([
    chatsIn(ports, username, request),
    isContinued(request) ? pointersOf(ports, username, caller) : undefined,
  ]);
  if (!isContinued(request)) return firstPage(ports, username, request, caller, listed);
  if (pointers && !(await isKnownAt(pointers, request)))
    return pageOf({ messages: [], oldest: {} }, positionOf(request));
  const pending = pointers?.pending ?? new Map<string, number>();
  const upTo = knownUpTo(listed, pointers?.upTo);
  const news = await newsIn(ports, username, request, [...listed, ...pending.keys()], upTo);
  await pointers?.acknowledge(merge(before(pending, request), withoutNews(pending, request, news)));
  return page(news, pending);
}

/**
 * The first page of a walk acknowledges nothing. But the next request acknowledges everything before its position, so this
 * page must include chats that only their pointers list.
 */
async function firstPage(
  ports: Ports,
  username: string,
  walk: Walk,
  caller: Caller,
  listed: readonly string[],
): Promise<ReplyOf<typeof command>> {
  const news = await newsIn(ports, username, walk, listed, knownUpTo(listed));
  if (news.next === undefined && walk.to_chat === undefined) return pageOf(news, undefined);
  const { pending, upTo } = (await pointersOf(ports, username, caller)) ?? {};
  const known = new Set([...listed, ...Object.keys(walk.cursors ?? {})]);
  const chats = [...(pending?.keys() ?? [])];
  if (pending === undefined || (upTo === undefined && chats.every((chat) => known.has(chat))))
    return pageOf(news, news.next);
  const all = await newsIn(ports, username, walk, [...listed, ...chats], knownUpTo(listed, upTo));
  return page(all, pending);
}

/** A page with pending messages always has `next`, because only a following request acknowledges them. */
function page(news: News, pending: ReadonlyMap<string, number>): ReplyOf<typeof command> {
  const hasPending = news.messages.some(({ chat_id }) => pending.has(chat_id));
  return pageOf(news, news.next ?? (hasPending ? news.end : undefined));
}

const positionOf = ({ from_chat, from_seq }: Position): Position => ({ from_chat, from_seq });

const isContinued = (walk: Walk): walk is Walk & Position => walk.from_chat !== undefined;

/** Both lists, in which a chat that is done takes precedence over a move of its pointer. */
const merge = (moves: readonly Handed[], done: readonly Handed[]): Handed[] => [
  ...moves.filter(({ chat }) => !done.some((each) => each.chat === chat)),
  ...done,
];
