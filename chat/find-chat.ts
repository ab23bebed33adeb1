import {
  ChatError,
  decodeId,
  groupChat,
  groupNamed,
  groupOf,
  privateChat,
  usersOf,
} from '../protocol/index.ts';
import type { Member } from './model.ts';
import { notAMember } from './not-a-member.ts';
import type { Directory, Members } from './ports.ts';

interface Ports {
  members: Members;
  directory: Directory;
}

/** Whose chat a request means: a user's, a group's, or of a word that may be either, the user's first. */
export type Meant = { user: string; group?: string } | { user?: undefined; group: string };

/** What a word means that is a user's id or a group's name. */
export function meantBy(word: string): Meant {
  return { user: word, group: groupNamed(word) };
}

/**
 * What the field `chat` of a request means.
 * @throws ChatError `not_a_member` for the chat of two others
 */
export function meantByChat(chat: string, username: string): Meant {
  const group = groupOf(chat);
  if (group !== undefined) return { group };
  if (!chat.includes(':')) return meantBy(decodeId(chat));
  const [one, other] = usersOf(chat);
  if (one !== username && other !== username)
    throw new ChatError('not_a_member', `You are not in the chat ${chat}.`);
  return { user: one === username ? other : one };
}

/** The ids of the chats that may be meant, a user's first. */
export const chatsFor = (username: string, { user, group }: Meant): string[] => [
  ...(user === undefined ? [] : [privateChat(username, user)]),
  ...(group === undefined ? [] : [groupChat(group)]),
];

/**
 * The caller's row in the chat that is meant.
 * @returns undefined for a user with whom they have no chat
 * @throws ChatError `unknown_recipient`, `unknown_group`, `not_a_member`
 */
export async function findChat(
  { members, directory }: Ports,
  username: string,
  meant: Meant,
): Promise<Member | undefined> {
  const { user, group } = meant;
  const chats = chatsFor(username, meant);
  const rows = await members.getMany(chats.map((chat) => ({ chat, username })));
  // Both rows may exist: users and groups don't share a namespace, or a user took over a group's name while somebody was
  // joining it.
  const row = rows.find(({ chat }) => chat === chats[0]);
  if (row !== undefined) return row;
  if (user === undefined) throw await notAMember(directory, group);
  const [ofGroup] = rows;
  // Where the group holds the name, no user has it.
  if (ofGroup !== undefined && !directory.areApart) return ofGroup;
  const found = await directory.get(user, 'user');
  if (found?.kind === 'user') return undefined;
  if (ofGroup !== undefined) return ofGroup;
  const other = directory.areApart && group !== undefined ? await directory.get(group, 'group') : found;
  if (other?.kind === 'group') throw await notAMember(directory, other.name);
  throw new ChatError('unknown_recipient', `There is no user or group ${user}.`);
}
