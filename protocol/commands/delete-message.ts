import { defineCommand, type Example } from '../command.ts';
import { chat, numberOf, seq } from '../fields.ts';
import { retryFields, sentFields } from './sent.ts';

export const deleteMessage = defineCommand({
  type: 'delete_message',
  doc: 'Deletes a message that you sent; its text is removed for good. The operator deletes anybody’s, also one of the system’s, in a chat by its id.',
  price: 1,
  operator: 'too',
  fields: {
    /** A chat id, or the name of a user or group; for the operator a chat id, or the name of a group. */
    chat,
    /** The `seq` of the message. */
    seq,
    ...retryFields,
  },
  aliases: { chat_id: 'chat', recipient: 'chat', groupname: 'chat', group_id: 'chat' },
  // `seq` and `message_id` are those of the new entry.
  reply: { type: 'delete_message_response', status: 'delete_message_success', fields: sentFields },
  fail: {
    type: 'delete_message_response',
    status: 'delete_message_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_recipient',
      'unknown_group',
      'not_a_member',
      'unknown_message',
      'too_far_back',
    ],
  },
  text: {
    word: 'delete_message',
    usage: 'USER-OR-GROUP SEQ',
    args: ['chat', 'seq'],
    read: ({ seq: word, ...input }) => ({ ...input, seq: numberOf(word) }),
    write: () => 'delete_message_success',
  },
});

export const example: Example = {
  request: { type: 'delete_message', chat: 'groupname1', seq: 2 },
  reply: {
    type: 'delete_message_response',
    status: 'delete_message_success',
    message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c12',
    chat_id: '#groupname1',
    seq: 3,
    timestamp: '2024-08-21T10:03:00.000Z',
  },
  access: 'members',
  but: { "another's": 'not_a_member' },
};
