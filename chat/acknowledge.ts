import { isInWalk, type News, type Position, type Walk } from './news.ts';
import { Owing, type OwingPorts } from './owing.ts';
import type { Caller, Handed } from './ports.ts';

/** Chat → the first seq that is owed. */
type Pending = ReadonlyMap<string, number>;

/** What there is to settle for who goes on behind a page, on a connection of theirs; undefined where nobody may. */
export async function owingTo(
  ports: OwingPorts,
  username: string,
  { connectionId }: Caller,
): Promise<Owing | undefined> {
  const inbox = (await ports.inboxes.getMany([username])).get(username);
  const mark = inbox?.connections.get(connectionId)?.login;
  if (inbox === undefined || mark === undefined) return undefined;
  const owing = await Owing.read(ports, { username, connectionId, mark }, inbox);
  owing.keepStrange();
  return owing;
}

/** Settles what is before a position, for a client that has all of it: those chats, and that part of one. */
export const before = (pending: Pending, { from_chat, from_seq = 0 }: Position): Handed[] =>
  [...pending].flatMap(([chat, from]): Handed[] => {
    if (chat < from_chat) return [{ chat }];
    return chat === from_chat && from_seq > from ? [{ chat, to: from_seq }] : [];
  });

/** Settles what a walk came by, and had nothing for the client: it says that it has that, or it is no member any more. */
export function withoutNews(pending: Pending, walk: Walk, { messages, next }: News): Handed[] {
  const carried = new Set(messages.map(({ chat_id }) => chat_id));
  const isOver = (chat: string) => isInWalk(chat, { ...walk, to_chat: next?.from_chat ?? walk.to_chat });
  return [...pending.keys()].flatMap((chat) => (isOver(chat) && !carried.has(chat) ? [{ chat }] : []));
}
