import { groupOf } from '../../protocol/index.ts';
import type { Caller, Handed } from '../model.ts';
import { isInWalk, type News, type Position, type Walk } from './news.ts';
import { PendingPointers, type PointerPorts } from './pending-pointers.ts';

/** Chat → the first pending seq. */
type Pending = ReadonlyMap<string, number>;

/** The pointers that a `sync` after the first page may acknowledge; undefined if the connection has no login id. */
export async function pointersOf(
  ports: PointerPorts,
  username: string,
  { connectionId }: Caller,
): Promise<PendingPointers | undefined> {
  const inbox = (await ports.inboxes.getMany([username])).get(username);
  const device = inbox?.connections.get(connectionId);
  if (inbox === undefined || device === undefined) return undefined;
  const { login, back } = device;
  // After a login that died early, the away notes still rest on the pointers of groups.
  const pending = back
    ? inbox.pending
    : new Map([...inbox.pending].filter(([chat]) => groupOf(chat) === undefined));
  const isPart = pending.size < inbox.pending.size;
  return PendingPointers.read(ports, { username, connectionId, login }, { ...inbox, pending }, isPart);
}

/**
 * Whether the pointers at a position have been read: of a large overflow only the first page is, and it may contain only
 * chats before the position. If so, this acknowledges those, and the client's next request finds the following ones.
 */
export async function isKnownAt(pointers: PendingPointers, position: Position): Promise<boolean> {
  const { from_chat } = position;
  // If one chat's pointers continue on the next page, they are acknowledged as far as they have been read.
  const isBehind = ({ upTo, pending }: PendingPointers) =>
    upTo !== undefined && (upTo < from_chat || (upTo === from_chat && !pending.has(upTo)));
  for (;;) {
    await pointers.keepOthers(from_chat);
    if (!isBehind(pointers)) return true;
    const handed = before(pointers.pending, position);
    if (handed.length > 0) {
      await pointers.acknowledge(handed);
      return false;
    }
    // The page holds only pointers to keep.
    await pointers.readOn();
  }
}

/** What a client at a position has received: the chats before it, and the part of its chat before `from_seq`. */
export const before = (pending: Pending, { from_chat, from_seq = 0 }: Position): Handed[] =>
  [...pending].flatMap(([chat, from]): Handed[] => {
    if (chat < from_chat) return [{ chat }];
    return chat === from_chat && from_seq > from ? [{ chat, to: from_seq }] : [];
  });

/** The pending chats of the walk without news: the client has everything, or the user has left the group. */
export function withoutNews(pending: Pending, walk: Walk, { messages, next, end }: News): Handed[] {
  const carried = new Set(messages.map(({ chat_id }) => chat_id));
  // If the page was full, its last chat has more; if the walk was cut, that chat is done.
  const isDone = (chat: string) =>
    next === undefined || chat < next.from_chat || (next === end && chat === next.from_chat);
  const hasNoNews = (chat: string) => isInWalk(chat, walk) && isDone(chat) && !carried.has(chat);
  return [...pending.keys()].flatMap((chat) => (hasNoNews(chat) ? [{ chat }] : []));
}
