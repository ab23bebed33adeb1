import type { ChatRef, Recipient } from './types.ts';

/** The id of a chat as the server writes it (protocol.md): `#group`, or both names in order. */
export function chatIdOf(me: string, chat: ChatRef): string {
  if ('group' in chat) return groupIdOf(chat.group);
  return [me, chat.user.toLowerCase()].sort().join(':');
}

export const groupIdOf = (name: string): string => `#${name.toLowerCase()}`;

export const isGroup = (chatId: string): boolean => chatId.startsWith('#');

/** The fields by which a request names this chat. */
export function requestFieldsOf(me: string, chatId: string): { group_id: string } | { recipient: string } {
  if (isGroup(chatId)) return { group_id: chatId.slice(1) };
  const [one = '', other = ''] = chatId.split(':');
  return { recipient: one === me ? other : one };
}

/** The fields by which a request names a chat that the app gave. */
export const addressOf = (chat: ChatRef): { group_id: string } | { recipient: string } =>
  'group' in chat ? { group_id: chat.group } : { recipient: chat.user };

export const chatRefOf = (to: Recipient): ChatRef => (typeof to === 'string' ? { user: to } : to);
