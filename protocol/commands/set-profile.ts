import { defineCommand, type Example } from '../command.ts';
import { userId } from '../fields.ts';
import { profileFields } from '../profile-fields.ts';

export const setProfile = defineCommand({
  type: 'set_profile',
  doc: 'Sets your display name, your picture, and data that your application keeps with you. `""` removes a name or picture, `{}` the data; what is absent stays. Others see all of it.',
  price: 0.5,
  fields: profileFields,
  reply: {
    type: 'set_profile_response',
    status: 'set_profile_success',
    fields: {
      /** Your id; the other fields are your profile as it is now. */
      username: userId,
      ...profileFields,
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
