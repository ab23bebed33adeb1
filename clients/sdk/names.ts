import { groupChat, groupOf, peerOf, privateChat, usersOf } from '../../protocol/chat-id.ts';

export { decodeId, encodeId, peerOf } from '../../protocol/chat-id.ts';

import type { ChatRef, Recipient } from './types.ts';

/** The id of a chat as the server writes it. */
export const chatIdOf = (me: string, chat: ChatRef): string =>
  'group' in chat ? groupIdOf(chat.group) : privateChat(me, chat.user);

/** The chat of an id that may come from anywhere, like a link; undefined if it is no id, or of other people's chat. */
export function chatOfId(me: string, chatId: string): ChatRef | undefined {
  const group = groupOf(chatId);
  if (group !== undefined) return group === '' ? undefined : { group };
  const [one, other] = usersOf(chatId);
  const isOwn = (one === me || other === me) && privateChat(one, other) === chatId;
  return isOwn && one && other ? { user: peerOf(chatId, me) } : undefined;
}

export const groupIdOf = (name: string): string => groupChat(name.toLowerCase());

export const isGroup = (chatId: string): boolean => groupOf(chatId) !== undefined;

/** The fields by which a request names this chat. */
export function requestFieldsOf(me: string, chatId: string): { group_id: string } | { recipient: string } {
  const group = groupOf(chatId);
  return addressOf(group === undefined ? { user: peerOf(chatId, me) } : { group });
}

/** The fields by which a request names a chat that the app gave. */
export const addressOf = (chat: ChatRef): { group_id: string } | { recipient: string } =>
  'group' in chat ? { group_id: chat.group } : { recipient: chat.user };

export const chatRefOf = (to: Recipient): ChatRef => (typeof to === 'string' ? { user: to } : to);

/** The other way round. */
export const recipientOf = (chat: ChatRef): Recipient => ('group' in chat ? chat : chat.user);
