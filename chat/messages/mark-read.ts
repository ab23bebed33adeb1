import {
  ChatError,
  type markRead as command,
  groupOf,
  peerOf,
  privateChat,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import { readBy } from '../entries.ts';
import { findChat, meantByChat } from '../find-chat.ts';
import type { Caller } from '../model.ts';
import type { Directory, History, Members } from '../ports.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
  history: History;
}

/**
 * Moves the caller's read mark forward and notifies their other devices and, in a private chat, the partner.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function markRead(
  ports: Ports,
  { chat: where, seq: wanted }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await currentUser(ports, caller);
  const meant = meantByChat(where, username);
  const row = await findChat(ports, username, meant);
  // Without a row, it is a user's.
  const chat = row?.chat ?? privateChat(username, meant.user ?? username);
  const last = row === undefined ? 0 : ((await ports.history.newest(chat, 1)).at(-1)?.seq ?? 0);
  if ((wanted ?? 0) > last) throw new ChatError('bad_request', '"seq" is beyond the end of the chat.');
  const seq = wanted ?? last;
  const read = row === undefined ? 0 : readBy(row);
  if (seq <= read) return { chat_id: chat, seq: read };
  const current = await ports.members.markRead(chat, username, seq);
  if (current === undefined) throw new ChatError('not_a_member', `You are no longer in the chat ${where}.`);
  // A concurrent request that moved it further has notified them already.
  if (current === seq) await notifyRead(ports, chat, username, seq, caller);
  return { chat_id: chat, seq: current };
}

async function notifyRead(ports: Ports, chat: string, username: string, seq: number, caller: Caller) {
  const usernames = groupOf(chat) === undefined ? [username, peerOf(chat, username)] : [username];
  await notify(ports, { type: 'READ', chat_id: chat, username, seq }, usernames, caller.connectionId);
}
