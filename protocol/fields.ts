import * as z from 'zod/mini';
import type { Code } from './errors.ts';
import { limits } from './limits.ts';
import { NAME, USER_ID } from './name-form.ts';

const encoder = new TextEncoder();
const code = (value: Code) => ({ code: value });

/**
 * Where a deployment's users come from, which decides what an id of theirs looks like. `registered`: a name that they have
 * registered, folded to lower case like a group's. `provided`: an id of the identity provider's, as it is.
 */
export type Users = 'registered' | 'provided';

// As chat ids contain a user's id (chat-id.ts).
const ENCODED = '(?:[!"$&-9;-~]|%25|%3A|%23){1,128}';

// Chat ids as replies write them. The database takes no key that is empty or very long, and no two that differ in lone
// surrogates alone.
const CHAT = new RegExp(`^(?:#[a-z0-9][a-z0-9._-]{0,31}|${ENCODED}:${ENCODED})$`);
const CHAT_OF_NAMES = /^(#|[a-z0-9][a-z0-9._-]{0,31}:)[a-z0-9][a-z0-9._-]{0,31}$/;

// As requests may write them: in any order and, as far as names fold, in any case; or what the user or group is called.
const WHERE = new RegExp(`^(?:#[A-Za-z0-9][A-Za-z0-9._-]{0,31}|(?:${ENCODED}:)?${ENCODED})$`);
const WHERE_OF_NAMES = /^(#|[a-z0-9][a-z0-9._-]{0,31}:)?[a-z0-9][a-z0-9._-]{0,31}$/i;

type Text = z.ZodMiniString<string>;

const forRegistered = new WeakMap<z.core.$ZodType, z.core.$ZodType>();

/** A field that takes ids of an identity provider's, and only names where users are registered. */
function byUsers<S extends z.core.$ZodType>(provided: S, registered: S): S {
  forRegistered.set(provided, registered);
  return provided;
}

/** The schema of a field, in a deployment with such users. */
export function fieldFor(users: Users, field: z.core.$ZodType): z.core.$ZodType {
  if (users === 'provided') return field;
  if (field instanceof z.ZodMiniOptional) return z.optional(fieldFor(users, field._zod.def.innerType));
  return forRegistered.get(field) ?? field;
}

const folded = z.overwrite<string>((value) => value.toLowerCase());

/** A group's name, folded to lower case. Checked before it is folded: `K` (Kelvin) folds to `k`. */
export const groupName: Text = z
  .string()
  .check(
    z.regex(NAME, { error: 'must be 1 to 32 of a-z 0-9 . _ - and begin with a letter or digit' }),
    folded,
  );

/** The group that a word may stand for, where it may also be a user's id; undefined if no group can be called so. */
export const groupNamed = (word: string): string | undefined =>
  groupName.safeParse(word.replace(/^#/, '')).data;

/** A user's id, or, in text, what may be a group's name instead. */
export const userId: Text = byUsers(
  z
    .string()
    .check(z.regex(USER_ID, { error: 'must be 1 to 128 characters of printable ASCII without a space' })),
  groupName,
);

/** A user's id as rules know it; undefined if it is none. */
export const asUserId = (text: string, users: Users): string | undefined =>
  z.safeParse(fieldFor(users, userId), text).data as string | undefined;

/** The sender that a client says it is. */
export const sender: Text = byUsers(z.string(), z.string().check(folded));

/** Some users. */
export const usernames = byUsers(
  upTo(limits.presence, z.array(userId)),
  upTo(limits.presence, z.array(groupName)),
);

/** Some groups. */
export const groupIds = upTo(limits.profiles, z.array(groupName));

function upTo(most: number, ids: z.ZodMiniArray<Text>): z.ZodMiniArray<Text> {
  return ids.check(
    z.refine((value) => value.length >= 1 && value.length <= most, {
      error: `must have 1 to ${most} entries`,
    }),
  );
}

const WHERE_ERROR = { error: 'must be the name of a user or group, or a chat id like #team or user1:user2' };

/** A chat, by its id (`#team`, `user1:user2`), by a user's id as chat ids contain it, or by a group's name. */
export const chat: Text = byUsers(
  z.string().check(
    z.regex(WHERE, WHERE_ERROR),
    z.overwrite((value) => (value.startsWith('#') ? value.toLowerCase() : value)),
  ),
  z.string().check(z.regex(WHERE_OF_NAMES, WHERE_ERROR), folded),
);

/** A message's text: 1 character to 16 KiB of UTF-8, kept byte for byte. */
export const content = z.string().check(
  z.minLength(1, { error: 'must not be empty' }),
  // A lone surrogate has no UTF-8 form, so it could not be kept.
  z.refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' }),
  z.refine((value) => encoder.encode(value).length <= limits.contentBytes, {
    error: `must be at most ${limits.contentBytes} bytes of UTF-8`,
    params: code('content_too_large'),
  }),
);

/** Whether it can be a message's text. */
export const isContent = (value: unknown): value is string => content.safeParse(value).success;

/** An id that the client chose for a request, to be repeated. */
export const echoedId = z.string().check(
  z.maxLength(limits.idLength, { error: `must be at most ${limits.idLength} characters` }),
  z.refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' }),
);

/** An id that the client chose for a message. */
export const clientId = echoedId.check(
  z.minLength(1, { error: `must be 1 to ${limits.idLength} characters` }),
);

/** A sequence number: 1, 2, 3, …; 0 stands for "before the first". */
export const seq = z.number().check(
  z.refine((value) => Number.isSafeInteger(value) && value >= 0, {
    error: 'must be a whole number from 0',
  }),
);

/** A word of a line as the number that it is; what is none stays a word, for the check of its field to refuse. */
export const numberOf = (word: unknown): unknown => (/^\d+$/.test(String(word)) ? Number(word) : word);

/** A chat by its id, as replies name it. */
export const chatIdOf: Text = byUsers(exactly(CHAT), exactly(CHAT_OF_NAMES));

function exactly(form: RegExp): Text {
  return z
    .string()
    .check(z.refine((value) => form.test(value), { error: 'must be a chat id, like #team or user1:user2' }));
}

/** Where the next page begins: chats before `from_chat` are done, and of that one what is before `from_seq`. */
export const position = {
  /** From `next` of the previous page, which this acknowledges. */
  from_chat: z.optional(chatIdOf),
  /** From `next` of the previous page. */
  from_seq: z.optional(seq),
};

/** Chat id → the last seq that the client has. */
export const cursors = byUsers(cursorsOf(CHAT), cursorsOf(CHAT_OF_NAMES));

function cursorsOf(form: RegExp) {
  const chatId: Text = z
    .string()
    .check(z.regex(form, { error: 'must be by chat id, like #team or user1:user2' }));
  return z.record(chatId, seq).check(
    z.refine((value) => Object.keys(value).length <= limits.cursors, {
      error: `must have at most ${limits.cursors} entries`,
    }),
  );
}

/** How many messages a page may have. */
export const pageLimit = z.number().check(
  z.refine((value) => Number.isInteger(value) && value >= 1 && value <= limits.historyLimit, {
    error: `must be a whole number from 1 to ${limits.historyLimit}`,
  }),
);

// RFC 3339's date-time, or a date alone, which is its midnight in UTC.
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i;

/** A point in time as the client writes it; `Date.parse` reads whatever passes. */
export const time = z
  .string()
  .check(
    z.refine(
      (value) =>
        TIME.test(value) && isDay(value.slice(0, 10)) && !Number.isNaN(Date.parse(value.toUpperCase())),
      { error: 'must be a time like 2026-01-31T09:30:00Z' },
    ),
  );

/** For `Date.parse` the 30th of February is in March. */
function isDay(day: string): boolean {
  const parsed = Date.parse(day);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day);
}

/** A time in a reply: RFC 3339, UTC, milliseconds. */
export const timestamp = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));

/** A password: 1 to 256 bytes of UTF-8, kept only as a hash. How long it must be is for the deployment to say. */
export const password = z.string().check(
  z.minLength(1, { error: 'must not be empty' }),
  z.refine((value) => value.isWellFormed(), { error: 'must be well-formed Unicode' }),
  z.refine((value) => encoder.encode(value).length <= limits.passwordBytes, {
    error: `must be at most ${limits.passwordBytes} bytes of UTF-8`,
  }),
);

/** What a login gave, to log in with next time: 256 random bits. */
export const sessionToken = z
  .string()
  .check(z.maxLength(limits.tokenLength, { error: `must be at most ${limits.tokenLength} characters` }));

/** A token of an identity provider, a JWT (RFC 7519). */
export const jwt = z
  .string()
  .check(z.maxLength(limits.jwtLength, { error: `must be at most ${limits.jwtLength} characters` }));

// Three parts in base64url, of which the first is a JSON object (RFC 7515, section 7.1). Longer than any name, as those of
// all issuers are.
const JWT = new RegExp(`^(?=.{${limits.nameLength + 1}})eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]*$`);

/** Whether a word of a line is a token of an identity provider rather than a name. */
export const isJwt = (word: unknown): boolean => JWT.test(String(word));

/** What a reply says of the session that it opens. */
export const session = {
  /** For the next login; absent in text, and with an identity provider. */
  session_token: z.optional(sessionToken),
  /** When the session ends, or the `token` of the login. */
  session_expires: z.optional(timestamp),
};
