import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { password, userId } from '../fields.ts';

export const register = defineCommand({
  type: 'register',
  doc: 'Registers a user. With a password, the user needs it from then on. Users and groups share one namespace.',
  price: 0,
  notAsUser: 'The operator creates users: use create_user.',
  fields: { username: userId, password: z.optional(password) },
  reply: { type: 'registration_response', status: 'register_success', fields: { username: userId } },
  fail: {
    type: 'registration_response',
    status: 'register_fail',
    codes: ['invalid_name', 'name_taken', 'not_allowed'],
  },
  repeated: 'name_taken',
  text: {
    word: 'register',
    usage: 'USER [PASSWORD]',
    args: ['username', 'password'],
    // Whoever types a full name must learn that its second word is a password now. It is not repeated.
    write: ({ username }, { password: given }) =>
      given === undefined
        ? 'register_success'
        : `register_success\nYour name is ${username}; the word after it is your password. To log in: login ${username} PASSWORD`,
  },
});

export const example: Example = {
  request: { type: 'register', username: 'user1' },
  reply: { type: 'registration_response', status: 'register_success', username: 'user1' },
  access: 'anybody',
  but: { "another's": 'name_taken' },
  withProvider: 'not_allowed',
  inTerminal: 'The option --register, or the first question.',
};
