import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName } from '../fields.ts';
import { groupProfileFields } from '../profile-fields.ts';

export const createGroup = defineCommand({
  type: 'create_group',
  doc: 'Creates a group with you as its owner and first member. A group exists as long as it has members.',
  price: 2,
  fields: {
    group_name: groupName,
    /** Whether only invited users may join. */
    invite_only: z.optional(z.boolean()),
    ...groupProfileFields,
  },
  aliases: { groupname: 'group_name' },
  reply: {
    type: 'create_group_response',
    status: 'create_group_success',
    fields: { group_id: groupName, groupname: groupName },
  },
  fail: {
    type: 'create_group_response',
    status: 'create_group_fail',
    codes: ['not_logged_in', 'invalid_name', 'name_taken', 'limit_reached'],
  },
  repeated: 'name_taken',
  text: {
    word: 'create_group',
    usage: 'NAME [invite_only]',
    args: ['group_name', 'invite_only'],
    read: ({ invite_only: word, ...input }) =>
      word === undefined ? input : { ...input, invite_only: word === 'invite_only' || word },
    write: ({ group_id }) => `create_group_success ${group_id}`,
  },
});

export const example: Example = {
  request: { type: 'create_group', group_name: 'groupname1' },
  reply: {
    type: 'create_group_response',
    status: 'create_group_success',
    group_id: 'groupname1',
    groupname: 'groupname1',
  },
  access: 'users',
  but: { "another's": 'name_taken' },
};
