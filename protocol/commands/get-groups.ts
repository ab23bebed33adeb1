import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { groupIds, groupName } from '../fields.ts';
import { fieldLines } from '../lines.ts';
import { groupProfileFields } from '../profile-fields.ts';

/** What a group's owner has set with `create_group` or `update_group`. */
const group = z.object({ group_id: groupName, ...groupProfileFields });

export const getGroups = defineCommand({
  type: 'get_groups',
  doc: 'Returns the titles, topics and pictures of some groups that you are in, as of a moment ago. Groups that have none are left out.',
  price: ({ group_ids: { length } }) => 0.5 + length / 100,
  fields: {
    group_ids: groupIds,
    /** Continues after this one of `group_ids`; from `next` of the previous page. */
    after: z.optional(groupName),
  },
  reply: {
    type: 'get_groups_response',
    status: 'get_groups_success',
    fields: {
      /** In the order of `group_ids`, each once. */
      groups: z.array(group),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after: groupName })),
    },
  },
  fail: { type: 'get_groups_response', status: 'get_groups_fail', codes: ['not_logged_in', 'invalid_name'] },
  text: {
    word: 'get_groups',
    usage: 'GROUP…',
    args: ['group_ids'],
    rest: true,
    read: ({ group_ids: words }) =>
      typeof words === 'string' ? { group_ids: words.trim().split(/\s+/) } : {},
    write: ({ groups, next }, { group_ids: asked }) =>
      [
        'get_groups_success',
        ...groups.flatMap(({ group_id, ...fields }) => fieldLines(group_id, fields)),
        ...(next ? [`more: get_groups ${asked.slice(asked.indexOf(next.after) + 1).join(' ')}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'get_groups', group_ids: ['groupname1'] },
  reply: {
    type: 'get_groups_response',
    status: 'get_groups_success',
    groups: [{ group_id: 'groupname1', title: 'Sternwarte Süd', topic: 'What to look at tonight' }],
  },
  access: 'users',
};
