import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { content, groupName, sender } from '../fields.ts';
import { retryFields, storedFields } from './sent.ts';

export const sendGroupMessage = defineCommand({
  type: 'SEND_GROUP_MESSAGE',
  doc: 'Sends a message to a group that you are in.',
  price: 1,
  fields: {
    group_id: groupName,
    /** Absent, or the logged-in user. */
    sender: z.optional(sender),
    content,
    ...retryFields,
  },
  aliases: { groupname: 'group_id' },
  reply: { type: 'GROUP_MESSAGE_SENT', status: 'send_success', fields: storedFields },
  fail: {
    type: 'GROUP_MESSAGE_FAILED',
    status: 'send_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_group',
      'not_a_member',
      'sender_mismatch',
      'content_too_large',
      'rejected',
      'too_far_back',
    ],
  },
  // No line of its own: the grammar's `send` finds users and groups.
});

export const example: Example = {
  request: { type: 'SEND_GROUP_MESSAGE', groupname: 'groupname1', sender: 'user1', content: 'Hi' },
  reply: {
    type: 'GROUP_MESSAGE_SENT',
    status: 'send_success',
    message_id: '7e0c6a3d-90c4-4b0e-8d0a-54f6f3c0b1aa',
    chat_id: '#groupname1',
    seq: 1,
    timestamp: '2024-08-21T10:02:00.000Z',
  },
  access: 'members',
  but: { "another's": 'sender_mismatch' },
};
