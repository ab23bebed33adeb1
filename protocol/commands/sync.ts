import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { cursors } from '../fields.ts';
import { receiveLine } from '../lines.ts';
import { message } from '../messages.ts';

export const sync = defineCommand({
  type: 'sync',
  lambda: 'sync',
  doc: 'Reads what came after your cursors, in all of your chats, oldest first within each.',
  fields: {
    /** Chat id → the last seq that the client has. A chat that is not named counts from when you joined it. */
    cursors: z.optional(cursors),
  },
  reply: {
    type: 'sync_response',
    status: 'sync_success',
    fields: {
      messages: z.array(message),
      /** Whether there is more: then `next` holds what to ask with. */
      more: z.boolean(),
      next: z.optional(z.object({ cursors })),
    },
  },
  fail: { type: 'sync_response', status: 'sync_fail', codes: ['not_logged_in'] },
  text: {
    word: 'sync',
    usage: '[CHAT_ID=SEQ…]',
    args: ['cursors'],
    rest: true,
    // `user1:user2=3 #team=5`; what is not of this shape is left for the check of the field to refuse.
    read: ({ cursors: words }) => {
      const pairs = typeof words === 'string' ? words.trim().split(/\s+/) : [];
      const entries = pairs.map((pair) => pair.split('=')).map(([chat, at]) => [chat, at ? Number(at) : at]);
      return words === undefined ? {} : { cursors: Object.fromEntries(entries) };
    },
    write: ({ messages, more }) =>
      ['sync_success', ...messages.map(receiveLine), ...(more ? ['more'] : [])].join('\n'),
  },
  example: {
    request: { type: 'sync', cursors: { 'user1:user2': 1 } },
    reply: {
      type: 'sync_response',
      status: 'sync_success',
      messages: [
        {
          message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
          chat_id: 'user1:user2',
          seq: 2,
          sender: 'user2',
          recipient: 'user1',
          content: 'Are you there?',
          timestamp: '2024-08-21T10:02:00.000Z',
        },
      ],
      more: false,
    },
  },
});
