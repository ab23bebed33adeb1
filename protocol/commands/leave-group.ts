import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName } from '../fields.ts';

export const leaveGroup = defineCommand({
  type: 'leave_group',
  doc: "Leaves a group, or declines an invitation: you get no further messages of it, and can't read its history until you join again. Ownership passes to the member who joined first.",
  price: 1,
  fields: { group_id: groupName },
  aliases: { groupname: 'group_id' },
  reply: { type: 'leave_group_response', status: 'leave_group_success', fields: { group_id: groupName } },
  fail: {
    type: 'leave_group_response',
    status: 'leave_group_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_a_member'],
  },
  repeated: 'not_a_member',
  text: { word: 'leave_group', usage: 'GROUP_ID', args: ['group_id'], write: () => 'leave_group_success' },
});

export const example: Example = {
  request: { type: 'leave_group', group_id: 'groupname1' },
  reply: { type: 'leave_group_response', status: 'leave_group_success', group_id: 'groupname1' },
  access: 'members',
};

export const events = {
  LEFT: {
    doc: 'You have left a group, or declined an invitation, on another device; you get no further messages of it.',
    fields: z.object({ group_id: groupName }),
  },
} as const;
