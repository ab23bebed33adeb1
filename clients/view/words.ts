import { type Code, RequestError } from '../sdk/chat.ts';
import { idText } from './view.ts';

/** The service's own sentence, for what only it knows: which limit, how long, who may. */
const itsOwn = (reason: string): string => reason;

/**
 * What every refusal means to whoever caused it: the one table of codes and words. Empty where it is what they wanted.
 * A new code of the protocol needs its words here.
 */
const words: Record<Code, string | ((reason: string) => string)> = {
  bad_request: withLabels,
  unknown_type: 'This service is older than this app and can’t do that.',
  not_logged_in: 'You are logged out. Log in and try again.',
  already_logged_in: 'Somebody else is logged in here. Log out first.',
  invalid_name:
    'A name has up to 32 letters a to z, digits and the signs . _ - and begins with a letter or digit.',
  name_taken: 'This name is taken.',
  invalid_credentials: 'Wrong username or password.',
  invalid_token: 'The service refused your sign-in.',
  token_expired: 'Your sign-in has run out.',
  session_expired: 'Your sign-in has run out.',
  unknown_recipient: 'There is no user of this name.',
  unknown_group: 'There is no group of this name.',
  not_a_member: itsOwn,
  already_a_member: itsOwn,
  not_allowed: itsOwn,
  not_invited: itsOwn,
  sender_mismatch: 'Somebody else is logged in here. Reload and try again.',
  rejected: itsOwn,
  content_too_large: 'This is too long: a message may have 16 KiB.',
  rate_limited: itsOwn,
  unknown_message: 'This message is deleted.',
  limit_reached: itsOwn,
  too_far_back: 'This could not be sent. Try again.',
  busy: 'The service is busy. Try again.',
  outcome_unknown: 'It is not certain that this was done. Trying again does no harm.',
  internal_error: 'Something went wrong in the service. Try again.',
  connection_lost: 'The connection broke before the answer came. Try again.',
  timed_out: 'No answer came in time. Try again.',
  unreachable: 'The service cannot be reached. Try again.',
  silent: 'The service does not answer. Try again.',
  no_token: 'There is no sign-in.',
  unauthorized: 'The service refused your sign-in.',
  closed: '',
  discarded: '',
  logged_out: '',
  session_ended: 'Your session has ended. Log in again.',
  password_changed: 'Your password was changed on another device. Log in with the new one.',
  password_reset: 'An administrator has reset your password. Log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, on another device.',
  erased: 'This account was deleted.',
};

/** The protocol's fields, as what stands beside them on the screen. */
const labels: Record<string, string> = {
  avatar_url: 'The address of the picture',
  content: 'The message',
  display_name: 'The name',
  new_password: 'The password',
  password: 'The password',
  title: 'The title',
  topic: 'The topic',
};

/** Begins a sentence like `"topic" must be …` with the word that people see beside the field. */
function withLabels(reason: string): string {
  return reason.replace(/^"(\w+)"/, (_, field: string) =>
    Object.hasOwn(labels, field) ? (labels[field] ?? '') : 'The name',
  );
}

/** Its own sentence has the bare id, which may read as the service or a group. @param who the user, as they are shown */
const notInvited = (who: string): string => `You can’t join without an invitation: ask ${who} to invite you.`;

/** What a code means, as a sentence. @param reason the service's sentence */
export function inWords(code: Code, reason = ''): string {
  // A service may be newer than this table.
  const found = Object.hasOwn(words, code) ? words[code] : itsOwn;
  return typeof found === 'string' ? found : found(reason);
}

/**
 * What failed, as a sentence for whoever tried.
 * @param called how a user's id is written in a sentence; a terminal shows no isolates
 */
export function wordsFor(error: unknown, called = idText): string {
  if (!(error instanceof RequestError)) return 'Something went wrong. Try again.';
  const { code, reason, ask } = error;
  return code === 'not_invited' && ask ? notInvited(called(ask)) : inWords(code, reason);
}

/** A name within a sentence, whatever its script: in Unicode's isolates, where there is no `<bdi>`. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** A user's id within a sentence. */
export const isolatedId = (id: string): string => isolated(idText(id));
