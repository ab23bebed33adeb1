import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';

export const logout = defineCommand({
  type: 'logout',
  lambda: 'logout',
  doc: 'Unbinds this connection, and ends the session that it logged in with; `everywhere` does so for all of the user.',
  fields: { everywhere: z.optional(z.boolean()) },
  reply: { type: 'logout_response', status: 'logout_success', fields: {} },
  fail: { type: 'logout_response', status: 'logout_fail', codes: ['not_logged_in'] },
  text: {
    word: 'logout',
    usage: '[everywhere]',
    args: ['everywhere'],
    read: ({ everywhere }) => ({ everywhere: everywhere === 'everywhere' || everywhere }),
    write: () => 'logout_success',
  },
  example: {
    request: { type: 'logout' },
    reply: { type: 'logout_response', status: 'logout_success' },
  },
});
