import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupName } from '../fields.ts';
import { groupProfileFields } from '../profile-fields.ts';

/** What is neither word, or has more behind it, is left for the check of the field to refuse. */
const settingOf = (word: unknown, rest: unknown): unknown => {
  if (word === undefined) return undefined;
  if (rest !== undefined || (word !== 'invite_only' && word !== 'open')) return `${word} ${rest ?? ''}`;
  return word === 'invite_only';
};

export const updateGroup = defineCommand({
  type: 'update_group',
  doc: 'Makes a group that you own invite-only, or opens it; sets its title, topic or picture; `""` removes one. Members stay.',
  price: 0.5,
  fields: {
    group_id: groupName,
    /** Whether only invited users may join. Of this and the following, what is absent stays. */
    invite_only: z.optional(z.boolean()),
    ...groupProfileFields,
  },
  aliases: { groupname: 'group_id' },
  reply: {
    type: 'update_group_response',
    status: 'update_group_success',
    fields: {
      group_id: groupName,
      /** What was set, as it was given. */
      invite_only: z.optional(z.boolean()),
      ...groupProfileFields,
    },
  },
  fail: {
    type: 'update_group_response',
    status: 'update_group_fail',
    codes: ['not_logged_in', 'invalid_name', 'unknown_group', 'not_a_member', 'not_allowed'],
  },
  text: {
    word: 'update_group',
    usage: 'GROUP invite_only|open|title [TITLE]|topic [TOPIC]|avatar_url [URL]',
    args: ['group_id', 'invite_only', 'title'],
    rest: true,
    // Without a word behind it, a title or the like is removed.
    read: ({ invite_only: word, title: rest, ...input }) =>
      word === 'title' || word === 'topic' || word === 'avatar_url'
        ? { ...input, [word]: rest ?? '' }
        : { ...input, invite_only: settingOf(word, rest) },
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
