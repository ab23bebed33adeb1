import type { Caller, Handed } from '../model.ts';
import { isInWalk, type News, type Position, type Walk } from './news.ts';
import { PendingPointers, type PointerPorts } from './pending-pointers.ts';

/** Chat → the first seq that is owed. */
type Pending = ReadonlyMap<string, number>;

/** What there is to settle for who goes on behind a page, on a connection of theirs; undefined where nobody may. */
export async function pointersOf(
  ports: PointerPorts,
  username: string,
  { connectionId }: Caller,
): Promise<PendingPointers | undefined> {
  const inbox = (await ports.inboxes.getMany([username])).get(username);
  const mark = inbox?.connections.get(connectionId)?.login;
  if (inbox === undefined || mark === undefined) return undefined;
  const pointers = await PendingPointers.read(ports, { username, connectionId, mark }, inbox);
  pointers.keepStrange();
  return pointers;
}

/**
 * Whether it is known what is owed where a walk goes on: of a large overflow only the first pointers have been read, and
 * all of them may be of what is before. If so, these are settled: their client asks again, and others come first then.
 */
export async function isKnownAt(pointers: PendingPointers, position: Position): Promise<boolean> {
  const { from_chat } = position;
  // A chat with so many pointers that more are to come is looked at alone, and settled as far as it is known.
  const isBehind = ({ upTo, pending }: PendingPointers) =>
    upTo !== undefined && (upTo < from_chat || (upTo === from_chat && !pending.has(upTo)));
  while (isBehind(pointers)) {
    const handed = before(pointers.pending, position);
    if (handed.length > 0) {
      await pointers.acknowledge(handed);
      return false;
    }
    // All of them are to be kept.
    await pointers.readOn();
    pointers.keepStrange();
  }
  return true;
}

/** Settles what is before a position, for a client that has all of it: those chats, and that part of one. */
export const before = (pending: Pending, { from_chat, from_seq = 0 }: Position): Handed[] =>
  [...pending].flatMap(([chat, from]): Handed[] => {
    if (chat < from_chat) return [{ chat }];
    return chat === from_chat && from_seq > from ? [{ chat, to: from_seq }] : [];
  });

/** Settles what a walk came by, and had nothing for the client: it says that it has that, or it is no member any more. */
export function withoutNews(pending: Pending, walk: Walk, { messages, next, end }: News): Handed[] {
  const carried = new Set(messages.map(({ chat_id }) => chat_id));
  // Where a page was full there is more in its last chat; where the walk was cut, there is not.
  const isDone = (chat: string) =>
    next === undefined || chat < next.from_chat || (next === end && chat === next.from_chat);
  const isOver = (chat: string) => isInWalk(chat, walk) && isDone(chat) && !carried.has(chat);
  return [...pending.keys()].flatMap((chat) => (isOver(chat) ? [{ chat }] : []));
}
