import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { name, password } from '../fields.ts';

export const register = defineCommand({
  type: 'register',
  lambda: 'register',
  doc: 'Claims a name for a new user, who from then on needs the password, if there is one. Users and groups share one namespace.',
  fields: { username: name, password: z.optional(password) },
  reply: { type: 'registration_response', status: 'register_success', fields: { username: name } },
  fail: {
    type: 'registration_response',
    status: 'register_fail',
    codes: ['invalid_name', 'name_taken'],
  },
  text: {
    word: 'register',
    usage: 'USER [PASSWORD]',
    args: ['username', 'password'],
    write: () => 'register_success',
  },
  example: {
    request: { type: 'register', username: 'user1' },
    reply: { type: 'registration_response', status: 'register_success', username: 'user1' },
  },
});
