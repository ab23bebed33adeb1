import { ChatError } from '../protocol/index.ts';
import { groupChat, groupOf, privateChat } from './chat-id.ts';
import type { Member } from './model.ts';
import { notAMember } from './not-a-member.ts';
import type { Directory, Members } from './ports.ts';

interface Ports {
  members: Members;
  directory: Directory;
}

/**
 * The caller's row in the chat that `where` refers to.
 * @param where a chat id, or the name of a user or group
 * @param groupOnly whether `where` can only be a group
 * @returns undefined for a user with whom they have no chat
 * @throws ChatError `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function findChat(
  { members, directory }: Ports,
  username: string,
  where: string,
  groupOnly = false,
): Promise<Member | undefined> {
  const { chats, name } = chatsFor(username, where, groupOnly);
  const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
  // Both rows exist if a user took over a group's name while somebody was joining it.
  const row = rows.find(({ chat }) => chat === chats[0]) ?? rows[0];
  if (row !== undefined) return row;
  const found = await directory.get(name);
  if (found?.kind === 'group' || groupOnly || groupOf(where)) throw await notAMember(directory, name);
  if (found === undefined) throw new ChatError('unknown_recipient', `There is no user or group ${name}.`);
  return undefined;
}

/** The ids of the chats that `where` may refer to, and the name of the user or group. @throws ChatError `not_a_member` */
export function chatsFor(
  username: string,
  where: string,
  groupOnly: boolean,
): { chats: string[]; name: string } {
  const group = groupOf(where) ?? (groupOnly ? where : undefined);
  if (group !== undefined) return { chats: [groupChat(group)], name: group };
  const [one = '', other] = where.split(':');
  if (other === undefined) return { chats: [privateChat(username, one), groupChat(one)], name: one };
  if (one !== username && other !== username)
    throw new ChatError('not_a_member', `You are not in the chat ${where}.`);
  return { chats: [privateChat(one, other)], name: one === username ? other : one };
}
