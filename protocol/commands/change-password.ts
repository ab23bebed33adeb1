import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { password, session } from '../fields.ts';

export const changePassword = defineCommand({
  type: 'change_password',
  doc: 'Sets a new or a first password. All other connections and sessions of the user end; this connection stays logged in.',
  price: 2,
  notAsUser: 'The operator sets passwords: use reset_password.',
  fields: {
    /** Absent for a user without a password. */
    old_password: z.optional(password),
    new_password: password,
  },
  aliases: { password: 'old_password' },
  reply: { type: 'change_password_response', status: 'change_password_success', fields: session },
  fail: {
    type: 'change_password_response',
    status: 'change_password_fail',
    codes: ['not_logged_in', 'invalid_credentials', 'not_allowed'],
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

export const example: Example = {
  request: { type: 'change_password', old_password: 'correct-horse', new_password: 'battery-staple' },
  reply: {
    type: 'change_password_response',
    status: 'change_password_success',
    session_token: '7Vw0e5sJ4bYk2n3q1XgqT8mZb6cR9dLfHaUoPiNtKyE',
    session_expires: '2024-09-20T10:05:00.000Z',
  },
  access: 'users',
  but: { "another's": 'invalid_credentials' },
  withProvider: 'not_allowed',
};
