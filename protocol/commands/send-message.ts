import { defineCommand } from '../command.ts';
import { name } from '../fields.ts';
import { sendFields, sentFields } from './sent.ts';

export const sendMessage = defineCommand({
  type: 'SEND_MESSAGE',
  doc: 'Sends a message to a user; in text, to a user or a group.',
  price: 1,
  fields: { recipient: name, ...sendFields },
  reply: { type: 'MESSAGE_SENT', status: 'send_success', fields: sentFields },
  fail: {
    type: 'MESSAGE_FAILED',
    status: 'send_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_recipient',
      'not_a_member',
      'content_too_large',
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
