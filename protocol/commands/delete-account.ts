import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { password } from '../fields.ts';

export const deleteAccount = defineCommand({
  type: 'delete_account',
  doc: 'Deletes your account for good: your profile, invitations and memberships, and the text of your messages in the chats that you are in. All your sessions end, and nobody gets your name. With `outcome_unknown`, not all of it is gone yet: repeat it on the same connection, or, if that is lost, after another login.',
  price: 2,
  notAsUser: 'The operator deletes users: use delete_user.',
  fields: {
    /** Needed if you have one. */
    password: z.optional(password),
  },
  reply: { type: 'delete_account_response', status: 'delete_account_success', fields: {} },
  fail: {
    type: 'delete_account_response',
    status: 'delete_account_fail',
    codes: ['not_logged_in', 'invalid_credentials'],
  },
  repeated: 'not_logged_in',
  text: {
    word: 'delete_account',
    usage: '[PASSWORD]',
    args: ['password'],
    write: () => 'delete_account_success',
  },
});

export const example: Example = {
  request: { type: 'delete_account' },
  reply: { type: 'delete_account_response', status: 'delete_account_success' },
  access: 'users',
  but: { "another's": 'invalid_credentials' },
};
