import { defineCommand, type OperatorExample } from '../command.ts';
import { groupName, userId } from '../fields.ts';

export const addMember = defineCommand({
  type: 'add_member',
  doc: 'Makes a user a member of a group, whether or not they are invited or were removed, and tells them. Does nothing if they are one.',
  price: 0,
  operator: 'only',
  fields: { group_id: groupName, username: userId },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'add_member_response',
    status: 'add_member_success',
    fields: { group_id: groupName, username: userId },
  },
  fail: {
    type: 'add_member_response',
    status: 'add_member_fail',
    codes: ['invalid_name', 'unknown_group', 'unknown_recipient', 'limit_reached'],
  },
});

export const example: OperatorExample = {
  request: { type: 'add_member', group_id: 'groupname1', username: 'user1' },
  reply: {
    type: 'add_member_response',
    status: 'add_member_success',
    group_id: 'groupname1',
    username: 'user1',
  },
};
