import * as z from 'zod/mini';
import { limits } from './limits.ts';
import { hasUnshown, isLikeGroup, isVisible } from './shown-text.ts';

const encoder = new TextEncoder();

/** A line of text in any script; `""` stands for none. @param most its characters (code points), at most */
const shown = (most: number) =>
  z.string().check(
    z.refine((value) => [...value].length <= most, { error: `must be at most ${most} characters` }),
    z.refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' }),
    z.refine((value) => !hasUnshown(value), {
      error: 'must have no control characters, line breaks or characters that set the direction of text',
    }),
    z.refine((value) => value === '' || isVisible(value), {
      error: 'must have a letter, digit, punctuation mark or symbol',
    }),
  );

/** A user's name or a group's title: none that reads like the name of another group. */
const displayName = shown(limits.displayName).check(
  z.refine((value) => !isLikeGroup(value), { error: 'must not begin with #' }),
);

/** What a group is about. */
const topic = shown(limits.topic);

/** The address of a picture; `""` stands for none. */
const avatarUrl = z.string().check(
  z.refine((value) => value === '' || isAddress(value), {
    error: `must be an https URL of at most ${limits.urlLength} printable ASCII characters`,
  }),
);

const isAddress = (value: string): boolean =>
  value.length <= limits.urlLength && /^https:\/\/[\x21-\x7e]+$/.test(value) && URL.canParse(value);

/** Whatever an application keeps with a user; `{}` stands for nothing. */
const profileData = z.record(z.string(), z.unknown()).check(
  z.refine((value) => encoder.encode(JSON.stringify(value)).length <= limits.profileBytes, {
    error: `must be at most ${limits.profileBytes} bytes of JSON`,
  }),
);

/** What a user's profile may have. */
export const profileFields = {
  /** In any script; not beginning with `#`. */
  display_name: z.optional(displayName),
  /** An https URL. */
  avatar_url: z.optional(avatarUrl),
  /** What an application keeps with its user, replaced as a whole. */
  data: z.optional(profileData),
};

/** What a group may show beside its name. */
export const groupProfileFields = {
  /** What people see instead of the name, in any script; not beginning with `#`. */
  title: z.optional(displayName),
  topic: z.optional(topic),
  /** An https URL. */
  avatar_url: z.optional(avatarUrl),
};
