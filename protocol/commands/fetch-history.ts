import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, pageLimit, seq, time, userId } from '../fields.ts';
import { historyLine } from '../lines.ts';
import { message } from '../messages.ts';

export const fetchHistory = defineCommand({
  type: 'fetch_history',
  doc: 'Reads a page of a chat, oldest first. Without a lower bound it is the newest page.',
  price: 0.5,
  fields: {
    /** A user or a group. */
    recipient: z.optional(userId),
    /** A group, if `recipient` is absent. */
    group_id: z.optional(groupName),
    /** Only messages at or after this time. */
    start_time: z.optional(time),
    /** Only messages at or before this time. */
    end_time: z.optional(time),
    /** Only messages with a higher `seq`. */
    after_seq: z.optional(seq),
    /** Only messages with a lower `seq`. */
    before_seq: z.optional(seq),
    /** The number of messages, at most. */
    limit: z.optional(pageLimit),
    /** Whether to return edits and deletions as entries of their own, too. */
    changes: z.optional(z.boolean()),
  },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'history',
    status: 'history',
    fields: {
      recipient: userId,
      messages: z.array(message),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after_seq: z.optional(seq), before_seq: z.optional(seq) })),
      /** The first `seq` that still exists, if the one after `after_seq` doesn't. */
      oldest: z.optional(seq),
    },
  },
  fail: {
    type: 'history',
    status: 'history_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_recipient', 'unknown_group', 'not_a_member'],
  },
  text: {
    word: 'fetch_history',
    usage: 'USER-OR-GROUP [START [END]]',
    args: ['recipient', 'start_time', 'end_time'],
    write: ({ messages }) => ['history', ...messages.map(historyLine)].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'fetch_history', recipient: 'groupname1', limit: 1 },
  reply: {
    type: 'history',
    status: 'history',
    recipient: 'groupname1',
    messages: [
      {
        message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
        chat_id: '#groupname1',
        seq: 2,
        sender: 'user1',
        groupname: 'groupname1',
        group_id: 'groupname1',
        content: 'Hi',
        timestamp: '2024-08-21T10:02:00.000Z',
      },
    ],
    next: { before_seq: 2 },
  },
  access: 'members',
  but: { 'logged in': 'unknown_recipient' },
};
