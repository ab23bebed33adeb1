import {
  ChatError,
  type typing as command,
  groupOf,
  limits,
  peerOf,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import { findChat, meantByChat } from '../find-chat.ts';
import type { Caller, Member } from '../model.ts';
import type { Cooldown, Directory, Members } from '../ports.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
  typings: Cooldown;
}

/** The interval between two notices of one user's typing in one chat, in milliseconds. */
export const TYPING_EVERY = 3_000;

/**
 * Notifies the online members of a chat that the caller is typing, at most once per `TYPING_EVERY`.
 * @throws ChatError `not_logged_in`, `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function typing(
  ports: Ports,
  { chat: where }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const username = await currentUser(ports, caller);
  const row = await findChat(ports, username, meantByChat(where, username));
  if (row === undefined) throw new ChatError('not_a_member', `You have no chat with ${where} yet.`);
  const { chat } = row;
  if (await ports.typings.admit(`${username} in ${chat}`)) {
    const others = await audience(ports.members, row);
    await notify(ports, { type: 'TYPING', chat_id: chat, username }, others, caller.connectionId);
  }
  return { chat_id: chat };
}

/** The other members of a chat who may be online; none in a large group. */
async function audience(members: Members, { chat, username, generation }: Member): Promise<string[]> {
  if (groupOf(chat) === undefined) return [peerOf(chat, username)];
  const rows = await members.page(chat, '', limits.typing + 1);
  if (rows.length > limits.typing) return [];
  const mayBeOnline = (row: Member) => row.username !== username && row.away === undefined;
  return rows.filter((row) => mayBeOnline(row) && row.generation === generation).map((row) => row.username);
}
