import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import {
  chatIdOf,
  cursors,
  groupName,
  isJwt,
  jwt,
  password,
  session,
  sessionToken,
  userId,
} from '../fields.ts';
import { message } from '../messages.ts';

export const login = defineCommand({
  type: 'login',
  doc: 'Logs this connection in as a user, and delivers what is pending for them.',
  price: ({ password }) => (password === undefined ? 1 : 2),
  notAsUser: 'A backend needs no login: "as" names the user. For a user\'s own device, use create_session.',
  fields: {
    /** May be absent with a `session_token` or a `token`. */
    username: z.optional(userId),
    password: z.optional(password),
    /** From an earlier login; replaces the password. */
    session_token: z.optional(sessionToken),
    /** From the identity provider, where the service has one: the only way to log in then. A fresh one on the same connection extends the login. */
    token: z.optional(jwt),
    /** As in `sync`: one `sync_response` with what follows them comes after the reply, instead of the pending messages. */
    cursors: z.optional(cursors),
    /** As in `sync`, with `cursors`. */
    to_chat: z.optional(chatIdOf),
    /** Whether this client takes `MESSAGES`: several messages of a busy group in one frame. Otherwise each comes by itself. */
    batches: z.optional(z.boolean()),
  },
  reply: {
    type: 'login_response',
    status: 'login_success',
    fields: {
      username: userId,
      pending_messages: z.array(message),
      /** Your groups, as many as fit into half a frame; `list_chats` lists all. */
      groups: z.array(groupName),
      ...session,
      /** With a `token`: milliseconds until it expires, for devices whose clock is wrong. */
      session_expires_in_ms: z.optional(z.number()),
      /** Whether frames follow: `pending_messages`, or with `cursors` one `sync_response`. */
      more: z.optional(z.boolean()),
    },
  },
  fail: {
    type: 'login_response',
    status: 'login_fail',
    codes: [
      'invalid_name',
      'invalid_credentials',
      'invalid_token',
      'token_expired',
      'already_logged_in',
      'limit_reached',
    ],
  },
  text: {
    word: 'login',
    usage: 'USER [PASSWORD] | TOKEN',
    args: ['username', 'password'],
    read: ({ username, password }) =>
      isJwt(username) && password === undefined ? { token: username } : { username, password },
    // Each pending message follows in a `receive` frame of its own.
    write: () => 'login_success',
  },
});

export const example: Example = {
  request: { type: 'login', username: 'user1' },
  reply: {
    type: 'login_response',
    status: 'login_success',
    username: 'user1',
    pending_messages: [
      {
        message_id: '0b9a7c3e-5d1f-4c58-9a53-0f6f3a2f7c11',
        chat_id: 'user1:user2',
        seq: 1,
        sender: 'user2',
        recipient: 'user1',
        content: 'Hello!',
        timestamp: '2024-08-21T10:01:00.000Z',
      },
    ],
    groups: ['groupname1'],
    session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE',
    session_expires: '2024-09-20T10:05:00.000Z',
  },
  access: 'anybody',
  but: { "another's": 'already_logged_in' },
  inTerminal: 'The first question, and after each lost connection the SDK.',
};
