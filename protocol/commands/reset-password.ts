import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { password, userId } from '../fields.ts';

export const resetPassword = defineCommand({
  type: 'reset_password',
  doc: "Sets a user's password, of any length, and ends all their sessions and connections.",
  price: 0,
  operator: 'only',
  fields: { username: userId, password },
  reply: {
    type: 'reset_password_response',
    status: 'reset_password_success',
    fields: {
      username: userId,
      /** How many connections it has ended. */
      connections: z.number(),
    },
  },
  fail: {
    type: 'reset_password_response',
    status: 'reset_password_fail',
    codes: ['invalid_name', 'unknown_recipient', 'not_allowed'],
  },
});

export const example: OperatorExample = {
  request: { type: 'reset_password', username: 'user1', password: 'correct horse' },
  reply: {
    type: 'reset_password_response',
    status: 'reset_password_success',
    username: 'user1',
    connections: 1,
  },
};
