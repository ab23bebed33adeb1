// Chat ids, for the service and its clients alike: `#team` for a group, `ann:bob` for two users.

// What has a meaning in a chat id, and how a user's id that contains it is written there.
const SPECIAL = /[%:#]/g;
const ESCAPED = /%(?:25|3A|23)/g;

/** A user's id as chat ids contain it: with `%25` for `%`, `%3A` for `:` and `%23` for `#`. */
export const encodeId = (id: string): string =>
  id.replace(SPECIAL, (special) => `%${special.charCodeAt(0).toString(16).toUpperCase()}`);

/** The user's id that `encodeId` wrote. */
export const decodeId = (encoded: string): string =>
  encoded.replace(ESCAPED, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));

/** The id of two users' private chat: both ids as chat ids contain them, in the order of their bytes. */
export const privateChat = (one: string, other: string): string =>
  [encodeId(one), encodeId(other)].sort().join(':');

/** The id of a group's chat. */
export const groupChat = (groupId: string): string => `#${groupId}`;

/** The name of a chat's group; undefined for a private chat. */
export const groupOf = (chat: string): string | undefined =>
  chat.startsWith('#') ? chat.slice(1) : undefined;

/** The two users of a private chat, in the order of its id; in a chat with oneself, the same one twice. */
export function usersOf(chat: string): [one: string, other: string] {
  const [one = '', other = ''] = chat.split(':');
  return [decodeId(one), decodeId(other)];
}

/** The other user of a private chat, or the user in a chat with oneself. */
export function peerOf(chat: string, username: string): string {
  const [one, other] = usersOf(chat);
  return one === username ? other : one;
}

/** A chat's name for a member: the group's or the partner's. */
export const nameFor = (chat: string, viewer: string): string => groupOf(chat) ?? peerOf(chat, viewer);
