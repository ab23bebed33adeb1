import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, userId } from '../fields.ts';

export const removeMember = defineCommand({
  type: 'remove_member',
  doc: 'Removes a user from a group that you own and tells them, or withdraws their invitation. They stay out until they are invited. With `"only": "invited"` it withdraws the invitation, as if there had been none, and removes nobody: `already_a_member` says that they have joined. Either, done twice, changes nothing more.',
  price: 1,
  fields: {
    group_id: groupName,
    username: userId,
    /** Withdraws the invitation, and leaves a member in the group. */
    only: z.optional(z.literal('invited')),
  },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'remove_member_response',
    status: 'remove_member_success',
    fields: { group_id: groupName, username: userId },
  },
  fail: {
    type: 'remove_member_response',
    status: 'remove_member_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_group',
      'not_allowed',
      'not_a_member',
      'already_a_member',
    ],
  },
  text: {
    word: 'remove_member',
    usage: 'GROUP USER [invited]',
    args: ['group_id', 'username', 'only'],
    write: () => 'remove_member_success',
  },
});

export const example: Example = {
  request: { type: 'remove_member', group_id: 'groupname1', username: 'user2' },
  reply: {
    type: 'remove_member_response',
    status: 'remove_member_success',
    group_id: 'groupname1',
    username: 'user2',
  },
  access: 'owner',
};

export const events = {
  UNINVITED: {
    doc: 'The owner of a group has withdrawn your invitation.',
    fields: z.object({ group_id: groupName, by: userId }),
  },
  REMOVED: {
    doc: 'The owner of a group has removed you; you get no further messages of it.',
    fields: z.object({ group_id: groupName, by: userId }),
  },
} as const;
