import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { sessionToken } from '../fields.ts';

export const logout = defineCommand({
  type: 'logout',
  doc: 'Logs this connection out and ends its session. With `everywhere` it ends all sessions of the user and closes their other connections. With a `session_token` it only ends that session, on any connection, logged in or not, also if it has ended already; for clients that were offline when their user logged out.',
  price: 0,
  fields: {
    /** Whether to end all sessions of the user. */
    everywhere: z.optional(z.boolean()),
    /** The session to end, instead of this connection's. */
    session_token: z.optional(sessionToken),
  },
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

export const example: Example = {
  request: { type: 'logout' },
  reply: { type: 'logout_response', status: 'logout_success' },
  access: 'users',
  but: { 'login expired': 'allowed' },
};
