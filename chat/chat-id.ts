/** The id of two users' private chat. Names contain neither `:` nor `#`. */
export const privateChat = (one: string, other: string): string => [one, other].sort().join(':');

/** The id of a group's chat. */
export const groupChat = (groupId: string): string => `#${groupId}`;

/** The name of a chat's group; undefined for a private chat. */
export const groupOf = (chat: string): string | undefined =>
  chat.startsWith('#') ? chat.slice(1) : undefined;

/** The other user of a private chat, or the user in a chat with oneself. */
export function peerOf(chat: string, username: string): string {
  const [one = '', other = ''] = chat.split(':');
  return one === username ? other : one;
}

/** A chat's name for a member: the group's or the partner's. */
export const nameFor = (chat: string, viewer: string): string => groupOf(chat) ?? peerOf(chat, viewer);
