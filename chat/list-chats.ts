import { type listChats as command, limits, type ReplyOf, type RequestOf } from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { firstFor, groupOf, nameFor, readBy, timestamp } from './chats.ts';
import { bytesOf } from './pages.ts';
import type { Caller, Connections, History, Member, Members } from './ports.ts';

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
 * A page of the user's chats, in the order of their ids. Costs two reads a chat shown, however large the
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
    const some = ids.slice(index, index + WIDTH).map((chat) => ({ chat, username }));
    // By key and strongly consistent: the index may not know yet what was just read, or left.
    const rows = (await members.getMany(some)).sort((one, other) => (one.chat < other.chat ? -1 : 1));
    for (const chat of await Promise.all(rows.map((row) => show(history, row)))) {
      room -= bytesOf(JSON.stringify(chat)) + 1;
      if (room < 0) return { chats, next: { after_chat: chats.at(-1)?.chat_id ?? '' } };
      chats.push(chat);
    }
  }
  return { chats };
}

async function show(history: History, row: Member): Promise<Reply['chats'][number]> {
  const { chat, username } = row;
  const last = (await history.newest(chat, 1)).at(-1);
  const last_seq = last?.seq ?? 0;
  const read = readBy(row);
  return {
    chat_id: chat,
    kind: groupOf(chat) === undefined ? 'private' : 'group',
    name: nameFor(chat, username),
    last_seq,
    last_timestamp: last && last_seq >= firstFor(row) ? timestamp(last.at) : undefined,
    read,
    // Where the newest is not shown any more, nothing is; and who wrote it has seen what was before.
    unread: last?.expired || last?.sender === username ? 0 : Math.max(0, last_seq - read),
  };
}
