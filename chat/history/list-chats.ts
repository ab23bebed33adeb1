import {
  bytesOf,
  type listChats as command,
  groupOf,
  limits,
  nameFor,
  peerOf,
  type ReplyOf,
  type RequestOf,
  surplusOfNext,
} from '../../protocol/index.ts';
import { type CallerPorts, currentUser } from '../current-user.ts';
import { firstFor, readBy, timestamp } from '../entries.ts';
import type { Caller, Member } from '../model.ts';
import type { History, Members } from '../ports.ts';
import { needsRead, type Seen, unreadIn } from './unread.ts';

interface Ports extends CallerPorts {
  members: Members;
  history: History;
}

type Reply = ReplyOf<typeof command>;
type Chat = Reply['chats'][number];

// Bytes for `type`, `status`, `next`, and a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 1000;
// Chat ids that one request reads: more than fit into a page.
const LISTED = 300;
// Chats that are read in parallel.
const PARALLEL = 10;
// Entries of a group in the first read: about one read unit of short messages.
const FIRST_LOOK = 10;
// The page ends after reading this much content, which bounds its cost if messages are large.
const READ_BYTES = 1024 * 1024;

/**
 * Returns a page of the user's chats, ordered by id. A private chat of short messages costs at most 3 read units; a page
 * ends after reading `READ_BYTES`.
 * @throws ChatError `not_logged_in`
 */
export async function listChats(
  ports: Ports,
  { after_chat: after = '' }: RequestOf<typeof command>,
  caller: Caller,
): Promise<Reply> {
  const { members, history } = ports;
  const username = await currentUser(ports, caller);
  const listed = await members.chatsOf(username, { from: after || undefined, limit: LISTED });
  const ids = listed.filter((chat) => chat > after);
  const chats: Chat[] = [];
  let room = limits.frameBytes - OVERHEAD - surplusOfNext(ids);
  let bytes = 0;
  const read = counting(history, (more) => {
    bytes += more;
  });
  for (let index = 0; index < ids.length; index += PARALLEL) {
    const last = chats.at(-1)?.chat_id;
    if (bytes >= READ_BYTES && last !== undefined) return { chats, next: { after_chat: last } };
    for (const chat of await readChats(
      { members, history: read },
      username,
      ids.slice(index, index + PARALLEL),
    )) {
      room -= bytesOf(JSON.stringify(chat)) + 1;
      if (room < 0) return { chats, next: { after_chat: chats.at(-1)?.chat_id ?? '' } };
      chats.push(chat);
    }
  }
  const isAll = listed.length < LISTED;
  return isAll ? { chats } : { chats, next: { after_chat: listed.at(-1) ?? '' } };
}

/** The listed chats that the user is still in, ordered by id. */
async function readChats(
  { members, history }: Pick<Ports, 'members' | 'history'>,
  username: string,
  ids: readonly string[],
) {
  const keys = ids.map((chat) => ({ chat, username }));
  const partners = keys.filter(isWithOther).map(({ chat }) => ({ chat, username: peerOf(chat, username) }));
  const [rows, theirs] = await Promise.all([
    // Strongly consistent, because the index may lag behind a read mark or a leave.
    members.getMany(keys),
    members.getMany(partners, 'eventual'),
  ]);
  const erased = await erasedPartners(members, partners, theirs);
  const seen = await Promise.all(
    rows.map(async (row) => ({ ...(await newestOf(history, row)), isErased: erased.has(row.chat) })),
  );
  const keysOfRead = seen
    .filter(needsRead)
    .map(({ row }) => ({ chat: row.chat, seq: Math.max(1, readBy(row)) }));
  const reads = new Map((await history.getMany(keysOfRead, 'eventual')).map((entry) => [entry.chat, entry]));
  const shown = seen.map(async (each): Promise<Chat> => {
    const { chat } = each.row;
    const unread = await unreadIn(history, { ...each, read: reads.get(chat) });
    return { ...chatOf(each), ...unread, ...partnerOf(each.row, theirs) };
  });
  return (await Promise.all(shown)).sort((one, other) => (one.chat_id < other.chat_id ? -1 : 1));
}

/**
 * The chats whose partner was erased: only an erasure deletes a peer's row. A second, strongly consistent read excludes
 * rows that the first one missed because they are new.
 */
async function erasedPartners(
  members: Members,
  partners: readonly Pick<Member, 'chat' | 'username'>[],
  found: readonly Member[],
): Promise<ReadonlySet<string>> {
  const lacking = (keys: typeof partners, rows: readonly Member[]) =>
    keys.filter(({ chat }) => !rows.some((row) => row.chat === chat));
  const missing = lacking(partners, found);
  if (missing.length === 0) return new Set();
  return new Set(lacking(missing, await members.getMany(missing)).map(({ chat }) => chat));
}

const isWithOther = ({ chat, username }: { chat: string; username: string }): boolean =>
  groupOf(chat) === undefined && peerOf(chat, username) !== username;

/** The newest entry; of a group, all unread ones if they are few, and the last read one. */
async function newestOf(history: History, row: Member): Promise<Seen> {
  const { chat } = row;
  if (groupOf(chat) === undefined) return { row, newest: await history.newest(chat, 1) };
  return { row, newest: await history.behind(chat, readBy(row) - 1, FIRST_LOOK) };
}

function chatOf({
  row,
  newest,
}: Seen): Pick<Chat, 'chat_id' | 'kind' | 'name' | 'last_seq' | 'last_timestamp' | 'read'> {
  const { chat, username } = row;
  const last = newest.at(-1);
  return {
    chat_id: chat,
    kind: groupOf(chat) === undefined ? 'private' : 'group',
    name: nameFor(chat, username),
    last_seq: last?.seq ?? 0,
    last_timestamp: last && last.seq >= firstFor(row) ? timestamp(last.at) : undefined,
    read: readBy(row),
  };
}

function partnerOf(row: Member, theirs: readonly Member[]): Pick<Chat, 'partner_read'> {
  if (!isWithOther(row)) return {};
  const partner = theirs.find(({ chat }) => chat === row.chat);
  return { partner_read: partner === undefined ? 0 : readBy(partner) };
}

/** The same log, which reports how much content was read from it. */
function counting(history: History, read: (bytes: number) => void): History {
  const reporting = <R extends readonly { content: string }[]>(entries: R): R => {
    read(entries.reduce((sum, { content }) => sum + content.length, 0));
    return entries;
  };
  return {
    ...history,
    newest: async (...args) => reporting(await history.newest(...args)),
    behind: async (...args) => reporting(await history.behind(...args)),
    getMany: async (...args) => reporting(await history.getMany(...args)),
  };
}
