import { type sync as command, limits, type ReplyOf, type RequestOf } from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { firstFor } from './chats.ts';
import { messagesFrom, type Owed } from './owed.ts';
import { bytesOf, sizeOf } from './pages.ts';
import type { Caller, Connections, History, Member, Members } from './ports.ts';

interface Ports {
  connections: Connections;
  members: Members;
  history: History;
}

/** Chat id → the last seq that a client has. */
export type Cursors = NonNullable<RequestOf<typeof command>['cursors']>;

// `type`, `status`, a `request_id` of 64 characters that take 6 bytes each.
const OVERHEAD = 800;
// About what a frame holds; a chat's whole rest would be read again for every page.
const READ_AHEAD = 100;

/**
 * A page of all that came after the cursors.
 * @throws ChatError `not_logged_in`
 */
export async function sync(
  { connections, members, history }: Ports,
  { cursors = {} }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await loggedIn(connections, caller);
  const behind = await behindCursors(members, username, cursors, []);
  const next = new Map(Object.entries(cursors));
  const messages = [];
  let room = limits.frameBytes - OVERHEAD - bytesOf(JSON.stringify(cursors));
  for await (const message of messagesFrom(history, username, behind, READ_AHEAD)) {
    // A new chat in `next` takes its id and its seq.
    const added = next.has(message.chat_id) ? 0 : message.chat_id.length + 25;
    room -= sizeOf(message) + added;
    if (room < 0 && messages.length > 0)
      return { messages, more: true, next: { cursors: Object.fromEntries(next) } };
    messages.push(message);
    next.set(message.chat_id, message.seq);
  }
  return { messages, more: false };
}

/**
 * Where each of the user's chats goes on behind the cursors; in a chat without one, at the seq from which
 * the user was there.
 * @param others chats that the index may not know of yet
 */
export async function behindCursors(
  members: Members,
  username: string,
  cursors: Cursors,
  others: readonly string[],
): Promise<Owed[]> {
  const listed = await members.chatsOf(username);
  const chats = [...new Set([...listed, ...others, ...Object.keys(cursors)])].sort();
  // The index lags behind: by key, and strongly consistent, it is certain who is still a member.
  const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
  return rows.map((row) => ({
    chat: row.chat,
    start: startFor(row, Object.hasOwn(cursors, row.chat) ? cursors[row.chat] : undefined),
    generation: row.generation,
  }));
}

/** A cursor may be from before the group's name was taken anew. */
function startFor(row: Member, cursor: number | undefined): number {
  if (cursor === undefined) return row.since;
  // What comes after the largest number is none that the database takes.
  return Math.max(firstFor(row), Math.min(cursor + 1, Number.MAX_SAFE_INTEGER));
}
