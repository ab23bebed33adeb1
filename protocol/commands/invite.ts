import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, userId } from '../fields.ts';

export const invite = defineCommand({
  type: 'invite',
  doc: 'Invites a user to a group that you own, and tells them. Needed if the group is invite-only, or if the user was removed.',
  price: 1,
  fields: { group_id: groupName, username: userId },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'invite_response',
    status: 'invite_success',
    fields: { group_id: groupName, username: userId },
  },
  fail: {
    type: 'invite_response',
    status: 'invite_fail',
    codes: [
      'not_logged_in',
      'invalid_name',
      'unknown_group',
      'not_a_member',
      'not_allowed',
      'unknown_recipient',
    ],
  },
  text: {
    word: 'invite',
    usage: 'GROUP USER',
    args: ['group_id', 'username'],
    write: () => 'invite_success',
  },
});

export const example: Example = {
  request: { type: 'invite', group_id: 'groupname1', username: 'user3' },
  reply: { type: 'invite_response', status: 'invite_success', group_id: 'groupname1', username: 'user3' },
  access: 'owner',
};

export const events = {
  INVITED: {
    doc: 'The owner of a group has invited you: `join_group` accepts, `leave_group` declines, `list_invitations` lists it until then.',
    fields: z.object({ group_id: groupName, by: userId }),
  },
} as const;
