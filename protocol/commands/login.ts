import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { chatIdOf, cursors, name, password, session, sessionToken } from '../fields.ts';
import { message } from '../messages.ts';

export const login = defineCommand({
  type: 'login',
  doc: 'Logs this connection in as a user, and delivers what is pending for them.',
  price: ({ password }) => (password === undefined ? 1 : 2),
  fields: {
    /** May be absent with a `session_token`, and where the connection itself says whose it is. */
    username: z.optional(name),
    password: z.optional(password),
    session_token: z.optional(sessionToken),
    /**
     * As in `sync`: what came after them is handed over in place of what is pending. One `sync_response` follows the reply;
     * go on from its `next` with `sync`.
     */
    cursors: z.optional(cursors),
    /** With `cursors`, as in `sync`. */
    to_chat: z.optional(chatIdOf),
  },
  reply: {
    type: 'login_response',
    status: 'login_success',
    fields: {
      username: name,
      pending_messages: z.array(message),
      /** As many as half a frame holds; `list_chats` pages through all. */
      groups: z.array(name),
      ...session,
      /** True if frames follow: `pending_messages`, or with `cursors` one `sync_response`. */
      more: z.optional(z.boolean()),
    },
  },
  fail: {
    type: 'login_response',
    status: 'login_fail',
    codes: ['invalid_name', 'invalid_credentials', 'already_logged_in', 'limit_reached'],
  },
  text: {
    word: 'login',
    usage: 'USER [PASSWORD]',
    args: ['username', 'password'],
    // Each pending message follows in a `receive` frame of its own.
    write: () => 'login_success',
  },
});
