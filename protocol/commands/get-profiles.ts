import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { userId, usernames } from '../fields.ts';
import { fieldLines } from '../lines.ts';
import { profileFields } from '../profile-fields.ts';

/** What a user has set with `set_profile`, or their identity provider says. */
const profile = z.object({ username: userId, ...profileFields });

export const getProfiles = defineCommand({
  type: 'get_profiles',
  doc: 'Returns the profiles of some users, as of a moment ago. Users who have none are left out.',
  price: ({ usernames: { length } }) => 0.5 + length / 100,
  fields: {
    usernames,
    /** Continues after this one of `usernames`; from `next` of the previous page. */
    after: z.optional(userId),
  },
  reply: {
    type: 'get_profiles_response',
    status: 'get_profiles_success',
    fields: {
      /** In the order of `usernames`, each once. */
      profiles: z.array(profile),
      /** What to add to the same request for the next page; absent on the last. */
      next: z.optional(z.object({ after: userId })),
    },
  },
  fail: {
    type: 'get_profiles_response',
    status: 'get_profiles_fail',
    codes: ['not_logged_in', 'invalid_name'],
  },
  text: {
    word: 'get_profiles',
    usage: 'USER…',
    args: ['usernames'],
    rest: true,
    read: ({ usernames: words }) =>
      typeof words === 'string' ? { usernames: words.trim().split(/\s+/) } : {},
    write: ({ profiles, next }, { usernames: asked }) =>
      [
        'get_profiles_success',
        ...profiles.flatMap(({ username, ...fields }) => fieldLines(username, fields)),
        ...(next ? [`more: get_profiles ${asked.slice(asked.indexOf(next.after) + 1).join(' ')}`] : []),
      ].join('\n'),
  },
});

export const example: Example = {
  request: { type: 'get_profiles', usernames: ['user1', 'user2'] },
  reply: {
    type: 'get_profiles_response',
    status: 'get_profiles_success',
    profiles: [
      { username: 'user1', display_name: 'Ada Lovelace', avatar_url: 'https://example.com/ada.png' },
      { username: 'user2', display_name: '王小明', data: { team: 'north' } },
    ],
  },
  access: 'users',
};
