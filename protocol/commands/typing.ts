import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { chat, userId } from '../fields.ts';
import { limits } from '../limits.ts';

export const typing = defineCommand({
  type: 'typing',
  doc: `Tells users online in a chat of up to ${limits.typing} members that you type, at most every 3 seconds; never stored.`,
  price: 0.5,
  fields: {
    /** A chat id, or the name of a user or group. */
    chat,
  },
  aliases: { chat_id: 'chat', recipient: 'chat', groupname: 'chat', group_id: 'chat' },
  // Also a success if it came too soon and was not passed on.
  reply: { type: 'typing_response', status: 'typing_success', fields: { chat_id: z.string() } },
  fail: {
    type: 'typing_response',
    status: 'typing_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_recipient', 'unknown_group', 'not_a_member'],
  },
  text: { word: 'typing', usage: 'USER-OR-GROUP', args: ['chat'], write: () => 'typing_success' },
});

export const example: Example = {
  request: { type: 'typing', chat: 'groupname1' },
  reply: { type: 'typing_response', status: 'typing_success', chat_id: '#groupname1' },
  access: 'members',
  but: { "another's": 'not_a_member' },
  inTerminal: 'The screen, while somebody types.',
};

export const events = {
  TYPING: {
    doc: 'A user is typing in one of your chats; at most every 3 seconds.',
    fields: z.object({ chat_id: z.string(), username: userId }),
  },
} as const;
