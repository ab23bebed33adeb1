import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { password, userId } from '../fields.ts';

export const createUser = defineCommand({
  type: 'create_user',
  doc: 'Creates a user, as `register` does, but without its limits. A user who exists stays as they are, password included, and the reply says `"created": false`. With an identity provider it creates a user before their first login, so that others can write to them.',
  price: 0,
  operator: 'only',
  fields: {
    username: userId,
    /** Absent, the user has none: where passwords are required, only a session from `create_session` logs them in. */
    password: z.optional(password),
  },
  reply: {
    type: 'create_user_response',
    status: 'create_user_success',
    fields: {
      username: userId,
      /** Whether this call has created them. */
      created: z.boolean(),
    },
  },
  fail: {
    type: 'create_user_response',
    status: 'create_user_fail',
    codes: ['invalid_name', 'name_taken', 'not_allowed'],
  },
});

export const example: OperatorExample = {
  request: { type: 'create_user', username: 'user1' },
  reply: {
    type: 'create_user_response',
    status: 'create_user_success',
    username: 'user1',
    created: true,
  },
};
