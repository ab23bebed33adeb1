import { defineCommand } from '../command.ts';
import { name, noPassword } from '../fields.ts';

export const register = defineCommand({
  type: 'register',
  lambda: 'register',
  doc: 'Claims a name for a new user. Users and groups share one namespace.',
  fields: { username: name, password: noPassword },
  reply: { type: 'registration_response', status: 'register_success', fields: { username: name } },
  fail: {
    type: 'registration_response',
    status: 'register_fail',
    codes: ['invalid_name', 'name_taken'],
  },
  text: {
    word: 'register',
    usage: 'USER',
    args: ['username', 'password'],
    write: () => 'register_success',
  },
  example: {
    request: { type: 'register', username: 'user1' },
    reply: { type: 'registration_response', status: 'register_success', username: 'user1' },
  },
});
