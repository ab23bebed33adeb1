import * as z from 'zod/mini';
import { defineCommand } from '../command.ts';
import { sessionToken } from '../fields.ts';

export const logout = defineCommand({
  type: 'logout',
  doc: 'Unbinds this connection, and ends the session that it logged in with; `everywhere` does so for all of the user, whose other connections are told and closed. With a `session_token`, on any connection, it only ends that session, also if it has ended already: for a client that was offline when its user logged out.',
  price: 0,
  fields: { everywhere: z.optional(z.boolean()), session_token: z.optional(sessionToken) },
  reply: { type: 'logout_response', status: 'logout_success', fields: {} },
  fail: { type: 'logout_response', status: 'logout_fail', codes: ['not_logged_in'] },
  repeated: 'not_logged_in',
  text: {
    word: 'logout',
    usage: '[everywhere]',
    args: ['everywhere'],
    read: ({ everywhere }) => ({ everywhere: everywhere === 'everywhere' || everywhere }),
    write: () => 'logout_success',
  },
});
