import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, pageLimit, timestamp, userId } from '../fields.ts';
import { limits } from '../limits.ts';

/** One member of a group. */
const member = z.object({
  username: userId,
  role: z.enum(['owner', 'member']),
  /** When they joined. */
  since: timestamp,
  online: z.boolean(),
});

export const listMembers = defineCommand({
  type: 'list_members',
  doc: 'Lists the members of a group that you are in, by name, with when they joined and whether they are online; and how many there are, who owns it and who may join.',
  price: ({ limit = limits.membersDefault }) => 0.5 + limit / 100,
  fields: {
    group_id: groupName,
    /** Continues after this member; from `next` of the previous page. */
    after: z.optional(userId),
    /** The number of members, at most. */
    limit: z.optional(pageLimit),
  },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'list_members_response',
    status: 'list_members_success',
    fields: {
      group_id: groupName,
      members: z.array(member),
      /** How many members the group has, on all pages. After a failure it may be off by one for a while. */
      count: z.optional(z.number()),
      owner: z.optional(userId),
      /** Whether only invited users may join. */
      invite_only: z.optional(z.boolean()),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after: userId })),
    },
  },
  fail: {
    type: 'list_members_response',
    status: 'list_members_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_a_member'],
  },
  text: {
    word: 'list_members',
    usage: 'GROUP [AFTER]',
    args: ['group_id', 'after'],
    write: ({ group_id, members, next }, { after }) =>
      [
        // Of a word that was typed by mistake, too: these are not all.
        `list_members_success${after === undefined ? '' : ` after ${after}`}`,
        ...members.map(
          ({ username, role, since, online }) => `${username} ${role} ${online ? 'online' : 'away'} ${since}`,
        ),
        ...(next ? [`more: list_members ${group_id} ${next.after}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'list_members', group_id: 'groupname1' },
  reply: {
    type: 'list_members_response',
    status: 'list_members_success',
    group_id: 'groupname1',
    members: [
      { username: 'user1', role: 'owner', since: '2024-08-21T10:00:00.000Z', online: true },
      { username: 'user2', role: 'member', since: '2024-08-21T10:02:00.000Z', online: false },
    ],
    count: 2,
    owner: 'user1',
    invite_only: false,
  },
  access: 'members',
};
