import { type listChats as command, limits, type ReplyOf, type RequestOf } from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { groupOf, peerOf, timestamp } from './chats.ts';
import { bytesOf } from './pages.ts';
import type { Caller, Connections, History, Members } from './ports.ts';

interface Ports {
  connections: Connections;
  members: Members;
  history: History;
}

type Reply = ReplyOf<typeof command>;

// `type`, `status`, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 1000;
// Chats that are looked up at once.
const WIDTH = 20;

/**
 * A page of the user's chats, in the order of their ids. Costs one read a chat shown, however large the
 * service is.
 * @throws ChatError `not_logged_in`
 */
export async function listChats(
  { connections, members, history }: Ports,
  { after_chat: after = '' }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Reply> {
  const username = await loggedIn(connections, caller);
  const ids = (await members.chatsOf(username)).filter((chat) => chat > after).sort();
  const chats: Reply['chats'] = [];
  let room = limits.frameBytes - OVERHEAD;
  for (let index = 0; index < ids.length; index += WIDTH) {
    for (const chat of await Promise.all(
      ids.slice(index, index + WIDTH).map((id) => show(history, id, username)),
    )) {
      room -= bytesOf(JSON.stringify(chat)) + 1;
      if (room < 0) return { chats, next: { after_chat: chats.at(-1)?.chat_id ?? '' } };
      chats.push(chat);
    }
  }
  return { chats };
}

async function show(history: History, chat: string, username: string): Promise<Reply['chats'][number]> {
  const last = (await history.newest(chat, 1)).at(-1);
  const group = groupOf(chat);
  return {
    chat_id: chat,
    kind: group === undefined ? 'private' : 'group',
    name: group ?? peerOf(chat, username),
    last_seq: last?.seq ?? 0,
    last_timestamp: last && timestamp(last.at),
  };
}
