import { defineCommand, type OperatorExample } from '../command.ts';
import { chat, content } from '../fields.ts';
import { retryFields, sentFields } from './sent.ts';

export const sendSystemMessage = defineCommand({
  type: 'send_system_message',
  doc: "Sends a message of the service's own, which clients show as such: a line like “Ann has joined”. It takes its place in the chat like any message, and nobody can edit it, and only the operator can delete it. For a sender with a name of its own, whom people can answer, create a user and send as them.",
  price: 0,
  operator: 'only',
  fields: {
    /** A group (`#team`), two users' chat (`ann:bob`), which both get, or a user alone (`ann`): then it is in their chat with themselves, `ann:ann`. */
    chat,
    content,
    ...retryFields,
  },
  aliases: { chat_id: 'chat', recipient: 'chat', groupname: 'chat', group_id: 'chat' },
  reply: {
    type: 'send_system_message_response',
    status: 'send_system_message_success',
    fields: sentFields,
  },
  fail: {
    type: 'send_system_message_response',
    status: 'send_system_message_fail',
    codes: ['invalid_name', 'unknown_recipient', 'unknown_group', 'content_too_large', 'too_far_back'],
  },
});

export const example: OperatorExample = {
  request: {
    type: 'send_system_message',
    chat: '#groupname1',
    content: 'user1 has joined.',
    client_message_id: 'user1-joined-1',
  },
  reply: {
    type: 'send_system_message_response',
    status: 'send_system_message_success',
    message_id: '4cf2f8a1-6c0e-4a6e-8a2b-8f0b6b0f0d52',
    chat_id: '#groupname1',
    seq: 3,
    timestamp: '2024-08-21T10:03:00.000Z',
  },
};
