import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName } from '../fields.ts';

export const updateGroup = defineCommand({
  type: 'update_group',
  doc: 'Makes a group that you own invite-only, or opens it; members stay.',
  price: 0.5,
  fields: { group_id: groupName, invite_only: z.boolean() },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'update_group_response',
    status: 'update_group_success',
    fields: { group_id: groupName, invite_only: z.boolean() },
  },
  fail: {
    type: 'update_group_response',
    status: 'update_group_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_a_member', 'not_allowed'],
  },
  text: {
    word: 'update_group',
    usage: 'GROUP invite_only|open',
    args: ['group_id', 'invite_only'],
    // What is neither is left for the check of the field to refuse.
    read: ({ invite_only: word, ...input }) => ({
      ...input,
      invite_only: word === 'invite_only' ? true : word === 'open' ? false : word,
    }),
    write: () => 'update_group_success',
  },
});

export const example: Example = {
  request: { type: 'update_group', group_id: 'groupname1', invite_only: true },
  reply: {
    type: 'update_group_response',
    status: 'update_group_success',
    group_id: 'groupname1',
    invite_only: true,
  },
  access: 'owner',
};
