import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { userId } from '../fields.ts';
import { limits } from '../limits.ts';

export const deleteUser = defineCommand({
  type: 'delete_user',
  doc: `Deletes a user for good: their sessions, profile, invitations and memberships, and the text of all their messages. Nobody gets their name. It reads whole tables, and does in one call what there is time for. While the reply has \`next\`, send the same request with it; without, it starts over, which changes nothing more. What is under way as the user, of a backend or a device, may store something until it ends: the calls after the first wait for that, ${limits.callLife / 1_000} seconds in all (twice as long if a device was just logging in), and take it, too.`,
  price: 0,
  operator: 'only',
  fields: {
    username: userId,
    /** From the reply to the call before. */
    next: z.optional(z.string()),
  },
  reply: {
    type: 'delete_user_response',
    status: 'delete_user_success',
    fields: {
      username: userId,
      /** Whose text this call has erased. */
      messages: z.number(),
      /** Which this call has taken the user out of. */
      chats: z.number(),
      /** Where to go on; absent once all is gone. */
      next: z.optional(z.string()),
    },
  },
  fail: {
    type: 'delete_user_response',
    status: 'delete_user_fail',
    codes: ['invalid_name', 'unknown_recipient'],
  },
});

export const example: OperatorExample = {
  request: { type: 'delete_user', username: 'user1' },
  reply: {
    type: 'delete_user_response',
    status: 'delete_user_success',
    username: 'user1',
    messages: 2,
    chats: 1,
  },
};
