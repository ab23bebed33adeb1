import { isInWalk, type News, type Position, type Walk } from './news.ts';
import type { Caller, Handed, Inbox, Inboxes } from './ports.ts';

/** What a user is owed, and the mark of the login that may settle it on a connection; without one, nobody may. */
export interface Owing {
  pending: Inbox['pending'];
  mark?: string;
}

/** What there is to settle for who goes on behind a page, on a connection of theirs. */
export async function owingTo(
  inboxes: Inboxes,
  username: string,
  { connectionId }: Caller,
): Promise<Required<Owing> | undefined> {
  const inbox = (await inboxes.getMany([username])).get(username);
  const mark = inbox?.connections.get(connectionId)?.login;
  return inbox && mark !== undefined ? { pending: inbox.pending, mark } : undefined;
}

/** Settles what is before a position, for a client that has all of it: those chats, and that part of one. */
export const before = (pending: Inbox['pending'], { from_chat, from_seq = 0 }: Position): Handed[] =>
  [...pending].flatMap(([chat, from]): Handed[] => {
    if (chat < from_chat) return [{ chat }];
    return chat === from_chat && from_seq > from ? [{ chat, to: from_seq }] : [];
  });

/** Settles what a walk came by, and had nothing for the client: it says that it has that, or it is no member any more. */
export function withoutNews(pending: Inbox['pending'], walk: Walk, { messages, next }: News): Handed[] {
  const carried = new Set(messages.map(({ chat_id }) => chat_id));
  const isOver = (chat: string) => isInWalk(chat, { ...walk, to_chat: next?.from_chat ?? walk.to_chat });
  return [...pending.keys()].flatMap((chat) => (isOver(chat) && !carried.has(chat) ? [{ chat }] : []));
}
