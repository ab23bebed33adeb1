import { defineCommand, type Example } from '../command.ts';
import { content, userId } from '../fields.ts';
import { retryFields, storedFields } from './sent.ts';

export const sendMessage = defineCommand({
  type: 'SEND_MESSAGE',
  doc: 'Sends a message to a user; in text, to a user or a group.',
  price: 1,
  fields: { recipient: userId, content, ...retryFields },
  reply: { type: 'MESSAGE_SENT', status: 'send_success', fields: storedFields },
  fail: {
    type: 'MESSAGE_FAILED',
    status: 'send_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_recipient',
      'not_a_member',
      'content_too_large',
      'rejected',
      'too_far_back',
    ],
  },
  text: {
    word: 'send',
    usage: 'USER-OR-GROUP MESSAGE…',
    args: ['recipient', 'content'],
    rest: true,
    write: () => 'send_success',
  },
});

export const example: Example = {
  request: { type: 'SEND_MESSAGE', recipient: 'user1', content: 'Hi user1' },
  reply: {
    type: 'MESSAGE_SENT',
    status: 'send_success',
    message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c11',
    chat_id: 'user1:user2',
    seq: 1,
    timestamp: '2024-08-21T10:01:00.000Z',
  },
  access: 'users',
};
