import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { clientId, password, userId } from '../fields.ts';

export const createUser = defineCommand({
  type: 'create_user',
  doc: 'Creates a user, as `register` does, but without its limits. A user who exists stays as they are, password included, and the reply says `"created": false`, so a name that somebody has can be told from one that is new. With an identity provider it creates a user before their first login, so that others can write to them.',
  price: 0,
  operator: 'only',
  fields: {
    username: userId,
    /** Absent, the user has none: where passwords are required, only a session from `create_session` logs them in. */
    password: z.optional(password),
    /** An id of your choice for this attempt. A retry carries the same one, so that its reply says `"created": true` again if the first has created the user. */
    idempotency_key: z.optional(clientId),
  },
  reply: {
    type: 'create_user_response',
    status: 'create_user_success',
    fields: {
      username: userId,
      /** Whether this call has created them, or an earlier one with its `idempotency_key`. */
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
  request: { type: 'create_user', username: 'user1', idempotency_key: 'sign-up-4711' },
  reply: {
    type: 'create_user_response',
    status: 'create_user_success',
    username: 'user1',
    created: true,
  },
};
