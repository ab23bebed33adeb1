import * as z from 'zod/mini';
import { defineCommand, type Example } from '../command.ts';
import { userId } from '../fields.ts';
import { avatarUrl, displayName, profileData } from '../profile-fields.ts';

export const setProfile = defineCommand({
  type: 'set_profile',
  doc: 'Sets your display name, your picture, and data that your application keeps with you. Others see all of it.',
  price: 0.5,
  fields: {
    /** In any script; not beginning with `#`. `""` removes it; absent, it stays. */
    display_name: z.optional(displayName),
    /** An https URL. `""` removes it; absent, it stays. */
    avatar_url: z.optional(avatarUrl),
    /** Replaces what was there. `{}` removes it; absent, it stays. */
    data: z.optional(profileData),
  },
  reply: {
    type: 'set_profile_response',
    status: 'set_profile_success',
    fields: {
      username: userId,
      /** The profile as it is now; absent if there is none. */
      display_name: z.optional(displayName),
      avatar_url: z.optional(avatarUrl),
      data: z.optional(profileData),
    },
  },
  fail: { type: 'set_profile_response', status: 'set_profile_fail', codes: ['not_logged_in'] },
  text: {
    word: 'set_profile',
    usage: '[DISPLAY NAME]',
    args: ['display_name'],
    rest: true,
    // Without a word, the name is removed.
    read: ({ display_name = '' }) => ({ display_name }),
    write: () => 'set_profile_success',
  },
});

export const example: Example = {
  request: { type: 'set_profile', display_name: 'Ada Lovelace', avatar_url: 'https://example.com/ada.png' },
  reply: {
    type: 'set_profile_response',
    status: 'set_profile_success',
    username: 'user1',
    display_name: 'Ada Lovelace',
    avatar_url: 'https://example.com/ada.png',
  },
  access: 'users',
};
