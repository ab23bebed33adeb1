/** The chat of two users; neither `:` nor `#` can be in a name. */
export const privateChat = (one: string, other: string): string => [one, other].sort().join(':');

/** The chat of a group. */
export const groupChat = (groupId: string): string => `#${groupId}`;

/** The group that a chat is of; undefined for a private chat. */
export const groupOf = (chat: string): string | undefined =>
  chat.startsWith('#') ? chat.slice(1) : undefined;

/** The other user of a private chat; in a chat with oneself, oneself. */
export function peerOf(chat: string, username: string): string {
  const [one = '', other = ''] = chat.split(':');
  return one === username ? other : one;
}

/** What a member calls a chat: the name of its group, or of their partner. */
export const nameFor = (chat: string, viewer: string): string => groupOf(chat) ?? peerOf(chat, viewer);
