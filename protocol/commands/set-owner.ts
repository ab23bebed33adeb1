import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName, userId } from '../fields.ts';

export const setOwner = defineCommand({
  type: 'set_owner',
  doc: 'Makes another member the owner of a group that you own; you stay a member. Repeating it changes nothing.',
  price: 1,
  operator: 'too',
  fields: { group_id: groupName, username: userId },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'set_owner_response',
    status: 'set_owner_success',
    fields: { group_id: groupName, username: userId },
  },
  fail: {
    type: 'set_owner_response',
    status: 'set_owner_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_allowed', 'not_a_member'],
  },
  text: {
    word: 'set_owner',
    usage: 'GROUP USER',
    args: ['group_id', 'username'],
    write: () => 'set_owner_success',
  },
});

export const example: Example = {
  request: { type: 'set_owner', group_id: 'groupname1', username: 'user2' },
  reply: {
    type: 'set_owner_response',
    status: 'set_owner_success',
    group_id: 'groupname1',
    username: 'user2',
  },
  access: 'owner',
};

export const events = {
  OWNER_CHANGED: {
    doc: 'A group of yours has a new owner: you, or whom you chose on another device. `by` has handed it over; absent if its owner left, or an administrator did it.',
    fields: z.object({ group_id: groupName, owner: userId, by: z.optional(userId) }),
  },
} as const;
