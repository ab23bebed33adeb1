import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, timestamp, userId } from '../fields.ts';
import { oneLine } from '../lines.ts';

/** One open invitation. */
const invitation = z.object({
  group_id: groupName,
  /** Who is invited; absent in a list of your own. */
  username: z.optional(userId),
  /** Who has invited. */
  by: userId,
  /** When. */
  timestamp,
  /** The group's title, as of a moment ago; absent without one, and with `username`. */
  title: z.optional(z.string()),
});

export const listInvitations = defineCommand({
  type: 'list_invitations',
  doc: 'Lists the groups that you are invited to, by name: `join_group` accepts an invitation, `leave_group` declines it. With `group_id` it lists, by name, who is invited to that group, which you own, as of a moment ago: `remove_member` withdraws an invitation.',
  price: 1,
  fields: {
    /** A group that you own. */
    group_id: z.optional(groupName),
    /** Continues after this group, or user; from `next` of the previous page. */
    after: z.optional(userId),
  },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'list_invitations_response',
    status: 'list_invitations_success',
    fields: {
      invitations: z.array(invitation),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after: userId })),
    },
  },
  fail: {
    type: 'list_invitations_response',
    status: 'list_invitations_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_a_member', 'not_allowed'],
  },
  text: {
    word: 'list_invitations',
    usage: '[AFTER]',
    args: ['after'],
    write: ({ invitations, next }, { after }) =>
      [
        `list_invitations_success${after === undefined ? '' : ` after ${after}`}`,
        ...invitations.map(
          ({ group_id, by, timestamp: at, title }) =>
            `${group_id} ${by} ${at}${title === undefined ? '' : ` ${oneLine(title)}`}`,
        ),
        ...(next ? [`more: list_invitations ${next.after}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'list_invitations' },
  reply: {
    type: 'list_invitations_response',
    status: 'list_invitations_success',
    invitations: [
      { group_id: 'climbers', by: 'user2', timestamp: '2024-08-21T10:03:00.000Z', title: 'Up the wall' },
    ],
  },
  access: 'users',
};
