import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { timestamp, userId, usernames } from '../fields.ts';

/** One user, as far as others may know. */
const user = z.object({
  username: userId,
  online: z.boolean(),
  /** When a user who is not online last was; absent if they never were. */
  last_seen: z.optional(timestamp),
  /** Whether no user has this name; absent for users. */
  unknown: z.optional(z.boolean()),
});

export const presence = defineCommand({
  type: 'presence',
  doc: 'Tells which of some users are online, and when the others were last online.',
  price: ({ usernames: { length } }) => 0.5 + length / 100,
  fields: { usernames },
  reply: { type: 'presence_response', status: 'presence_success', fields: { users: z.array(user) } },
  fail: { type: 'presence_response', status: 'presence_fail', codes: ['not_logged_in', 'invalid_name'] },
  text: {
    word: 'presence',
    usage: 'USER…',
    args: ['usernames'],
    rest: true,
    read: ({ usernames: words }) =>
      typeof words === 'string' ? { usernames: words.trim().split(/\s+/) } : {},
    write: ({ users }) =>
      [
        'presence_success',
        ...users.map(({ username, online, last_seen, unknown }) => {
          if (unknown) return `${username} unknown`;
          return online ? `${username} online` : `${username} away ${last_seen ?? '-'}`;
        }),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'presence', usernames: ['user1', 'user2'] },
  reply: {
    type: 'presence_response',
    status: 'presence_success',
    users: [
      { username: 'user1', online: true },
      { username: 'user2', online: false, last_seen: '2024-08-21T10:02:00.000Z' },
    ],
  },
  access: 'users',
};
