import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, timestamp, userId } from '../fields.ts';
import { oneLine } from '../lines.ts';

/** One open invitation. */
const invitation = z.object({
  group_id: groupName,
  /** Who has invited. */
  by: userId,
  /** When. */
  timestamp,
  /** The group's title, as of a moment ago; absent without one. */
  title: z.optional(z.string()),
});

export const listInvitations = defineCommand({
  type: 'list_invitations',
  doc: 'Lists the groups that you are invited to, by name. `join_group` accepts an invitation, `leave_group` declines it.',
  price: 1,
  fields: {
    /** Continues after this group; from `next` of the previous page. */
    after: z.optional(groupName),
  },
  reply: {
    type: 'list_invitations_response',
    status: 'list_invitations_success',
    fields: {
      invitations: z.array(invitation),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after: groupName })),
    },
  },
  fail: {
    type: 'list_invitations_response',
    status: 'list_invitations_fail',
    codes: ['not_logged_in', 'invalid_name'],
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
