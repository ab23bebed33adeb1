import * as z from 'zod/mini';
import { defineCommand, type OperatorExample } from '../command.ts';
import { groupName, seq, timestamp, userId } from '../fields.ts';

export const exportUser = defineCommand({
  type: 'export_user',
  doc: 'Reads all that is stored about a user, except password hash, tokens and the ids by which retries are told (`idempotency_key`, `client_message_id`), page by page: while the reply has `next`, send the same request with it. Each page has more of the lists; the first also has `user`. It reads whole tables.',
  price: 0,
  operator: 'only',
  fields: {
    username: userId,
    /** From the reply to the call before. */
    next: z.optional(z.string()),
  },
  reply: {
    type: 'export_user_response',
    status: 'export_user_success',
    fields: {
      username: userId,
      /** On the first page. */
      user: z.optional(
        z.object({
          created: timestamp,
          has_password: z.boolean(),
          connections: z.number(),
          last_seen: z.optional(timestamp),
          profile: z.optional(z.record(z.string(), z.string())),
        }),
      ),
      /** The first pending `seq` of each chat. */
      pending: z.array(z.object({ chat: z.string(), from: seq })),
      /** Groups that have invited the user. */
      invitations: z.array(groupName),
      /** Groups that the user can rejoin only by invitation. */
      removed_from: z.array(groupName),
      chats: z.array(
        z.object({
          chat: z.string(),
          role: z.string(),
          since: seq,
          joined: z.optional(timestamp),
          read: z.optional(seq),
        }),
      ),
      /** How many sessions. */
      sessions: z.number(),
      /** The user's messages as they are now, and their changes: `edits` and `deletes` are the `seq` of the changed message. */
      messages: z.array(
        z.object({
          chat: z.string(),
          seq,
          at: timestamp,
          content: z.string(),
          edits: z.optional(seq),
          deletes: z.optional(seq),
          deleted: z.optional(z.boolean()),
        }),
      ),
      /** Where to go on; absent on the last page. */
      next: z.optional(z.string()),
    },
  },
  fail: {
    type: 'export_user_response',
    status: 'export_user_fail',
    codes: ['invalid_name', 'unknown_recipient'],
  },
});

export const example: OperatorExample = {
  request: { type: 'export_user', username: 'user1' },
  reply: {
    type: 'export_user_response',
    status: 'export_user_success',
    username: 'user1',
    user: { created: '2024-08-21T10:00:00.000Z', has_password: false, connections: 1 },
    pending: [],
    invitations: [],
    removed_from: [],
    chats: [{ chat: 'user1:user2', role: 'peer', since: 1 }],
    sessions: 1,
    messages: [{ chat: 'user1:user2', seq: 1, at: '2024-08-21T10:01:00.000Z', content: 'Hello!' }],
  },
};
