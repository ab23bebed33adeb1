import { defineCommand } from '../command.ts';
import { name } from '../fields.ts';

export const invite = defineCommand({
  type: 'invite',
  doc: 'Lets a user join a group that you own, should it take only who is invited, or should they have been removed; they are told.',
  price: 1,
  fields: { group_id: name, username: name },
  aliases: { groupname: 'group_id' },
  reply: { type: 'invite_response', status: 'invite_success', fields: { group_id: name, username: name } },
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
      'limit_reached',
    ],
  },
  text: {
    word: 'invite',
    usage: 'GROUP USER',
    args: ['group_id', 'username'],
    write: () => 'invite_success',
  },
});
