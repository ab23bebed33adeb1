import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { chat, numberOf, seq, userId } from '../fields.ts';

export const markRead = defineCommand({
  type: 'mark_read',
  doc: 'Sets how far you have read a chat; it never moves back.',
  price: 0.5,
  fields: {
    /** A chat id, or the name of a user or group. */
    chat,
    /** The end of the chat, if absent. */
    seq: z.optional(seq),
  },
  aliases: { chat_id: 'chat', recipient: 'chat', groupname: 'chat', group_id: 'chat' },
  reply: {
    type: 'mark_read_response',
    status: 'mark_read_success',
    fields: {
      chat_id: z.string(),
      /** The position that is stored now; it may be further than requested. */
      seq,
    },
  },
  fail: {
    type: 'mark_read_response',
    status: 'mark_read_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_recipient', 'unknown_group', 'not_a_member'],
  },
  text: {
    word: 'mark_read',
    usage: 'USER-OR-GROUP [SEQ]',
    args: ['chat', 'seq'],
    read: ({ seq: word, ...input }) => ({ ...input, seq: numberOf(word) }),
    write: ({ seq: read }) => `mark_read_success ${read}`,
  },
});

export const example: Example = {
  request: { type: 'mark_read', chat: 'groupname1' },
  reply: {
    type: 'mark_read_response',
    status: 'mark_read_success',
    chat_id: '#groupname1',
    seq: 2,
  },
  access: 'members',
  but: { "another's": 'not_a_member' },
};

export const events = {
  READ: {
    doc: 'Somebody has read a chat up to `seq`: you on another device, or your partner in a private chat.',
    fields: z.object({ chat_id: z.string(), username: userId, seq }),
  },
} as const;
