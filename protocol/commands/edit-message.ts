import { defineCommand, type Example } from '../command.ts';
import { chat, content, numberOf, seq } from '../fields.ts';
import { retryFields, storedFields } from './sent.ts';

export const editMessage = defineCommand({
  type: 'edit_message',
  doc: 'Edits a message that you sent; everybody in the chat is told.',
  price: 1,
  fields: {
    /** A chat id, or the name of a user or group. */
    chat,
    /** The `seq` of the message. */
    seq,
    content,
    ...retryFields,
  },
  aliases: { chat_id: 'chat', recipient: 'chat', groupname: 'chat', group_id: 'chat' },
  // `seq` and `message_id` are those of the new entry.
  reply: { type: 'edit_message_response', status: 'edit_message_success', fields: storedFields },
  fail: {
    type: 'edit_message_response',
    status: 'edit_message_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_recipient',
      'unknown_group',
      'not_a_member',
      'unknown_message',
      'content_too_large',
      'rejected',
      'limit_reached',
      'too_far_back',
    ],
  },
  text: {
    word: 'edit_message',
    usage: 'USER-OR-GROUP SEQ MESSAGE…',
    args: ['chat', 'seq', 'content'],
    rest: true,
    read: ({ seq: word, ...input }) => ({ ...input, seq: numberOf(word) }),
    write: () => 'edit_message_success',
  },
});

export const example: Example = {
  request: { type: 'edit_message', chat: 'groupname1', seq: 2, content: 'Hi all' },
  reply: {
    type: 'edit_message_response',
    status: 'edit_message_success',
    message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c12',
    chat_id: '#groupname1',
    seq: 3,
    timestamp: '2024-08-21T10:03:00.000Z',
  },
  access: 'members',
  but: { "another's": 'not_a_member' },
};
