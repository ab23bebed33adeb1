import type { sync as command, ReplyOf, RequestOf } from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import type { Caller, Handed } from '../model.ts';
import type { Connections, History, Members } from '../ports.ts';
import { before, isKnownAt, pointersOf, withoutNews } from './acknowledge.ts';
import { chatsIn, knownUpTo, type News, newsIn, type Position, pageOf, type Walk } from './news.ts';
import type { PointerPorts } from './pending-pointers.ts';

interface Ports extends PointerPorts {
  connections: Connections;
  members: Members;
  history: History;
}

/**
 * A page of all that came after the cursors. Who goes on behind a page has received it: what it carried is owed no more
 * (docs/guarantees.md, the inbox).
 * @throws ChatError `not_logged_in`
 */
export async function sync(
  ports: Ports,
  request: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await currentUser(ports.connections, caller);
  const [listed, pointers] = await Promise.all([
    chatsIn(ports, username, request),
    goesOn(request) ? pointersOf(ports, username, caller) : undefined,
  ]);
  if (!goesOn(request)) return firstPage(ports, username, request, caller, listed);
  if (pointers && !(await isKnownAt(pointers, request)))
    return pageOf({ messages: [], oldest: {} }, here(request));
  const pending = pointers?.pending ?? new Map<string, number>();
  const upTo = knownUpTo(listed, pointers?.upTo);
  const news = await newsIn(ports, username, request, [...listed, ...pending.keys()], upTo);
  await pointers?.acknowledge(merged(before(pending, request), withoutNews(pending, request, news)));
  return page(news, pending);
}

/**
 * Where a walk begins nothing is settled. But who goes on behind the page, or with the next part, settles what is before:
 * so it must have come by chats that nothing but their pointers knows of, too.
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

/** Its reply may be lost: what it carries is settled by who goes on behind it, be it by an empty page. */
function page(news: News, pending: ReadonlyMap<string, number>): ReplyOf<typeof command> {
  const isOwed = news.messages.some(({ chat_id }) => pending.has(chat_id));
  return pageOf(news, news.next ?? (isOwed ? news.end : undefined));
}

const here = ({ from_chat, from_seq }: Position): Position => ({ from_chat, from_seq });

const goesOn = (walk: Walk): walk is Walk & Position => walk.from_chat !== undefined;

/** A chat that is over is not moved on. */
const merged = (moved: readonly Handed[], over: readonly Handed[]): Handed[] => [
  ...moved.filter(({ chat }) => !over.some((each) => each.chat === chat)),
  ...over,
];
