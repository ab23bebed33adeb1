import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName } from '../fields.ts';

export const joinGroup = defineCommand({
  type: 'join_group',
  doc: 'Joins a group; joining twice changes nothing.',
  price: 1,
  fields: { group_id: groupName },
  aliases: { groupname: 'group_id' },
  reply: { type: 'join_group_response', status: 'join_group_success', fields: { group_id: groupName } },
  fail: {
    type: 'join_group_response',
    status: 'join_group_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_invited', 'limit_reached'],
  },
  text: { word: 'join_group', usage: 'GROUP_ID', args: ['group_id'], write: () => 'join_group_success' },
});

export const example: Example = {
  request: { type: 'join_group', group_id: 'groupname1' },
  reply: { type: 'join_group_response', status: 'join_group_success', group_id: 'groupname1' },
  access: 'users',
  but: { 'logged in': 'unknown_group', 'removed member': 'not_invited' },
};

export const events = {
  JOINED: {
    doc: 'You have joined a group, or created it, on another device.',
    fields: z.object({ group_id: groupName }),
  },
} as const;
