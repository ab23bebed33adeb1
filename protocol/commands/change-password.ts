import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { password, session } from '../fields.ts';

export const changePassword = defineCommand({
  type: 'change_password',
  doc: 'Sets a new or a first password. All other connections and sessions of the user end; this connection stays logged in.',
  price: 2,
  fields: {
    /** Absent for a user who has none yet. */
    old_password: z.optional(password),
    new_password: password,
  },
  aliases: { password: 'old_password' },
  reply: { type: 'change_password_response', status: 'change_password_success', fields: session },
  fail: {
    type: 'change_password_response',
    status: 'change_password_fail',
    codes: ['not_logged_in', 'invalid_credentials'],
  },
  repeated: 'invalid_credentials',
  text: {
    word: 'change_password',
    usage: '[OLD] NEW',
    args: ['old_password', 'new_password'],
    // A single word is the new one.
    read: ({ old_password: first, new_password: second }) =>
      second === undefined ? { new_password: first } : { old_password: first, new_password: second },
    write: () => 'change_password_success',
  },
});
