import type { Code } from '../sdk/chat.ts';
import { withoutSource } from '../view/detail.ts';

const words: Partial<Record<Code, string>> = {
  invalid_credentials: 'There is no such user, or this is not their password.',
  unreachable: 'The service cannot be reached.',
  session_ended: 'The session has ended: log in again.',
  password_changed: 'The password was changed elsewhere: log in with the new one.',
  password_reset: 'An administrator has reset your password: log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, from another place.',
  // Of a login by name or password alone: others end in unauthorized.
  invalid_token: 'Users of this service log in by a token of its identity provider: see --token-command.',
  unauthorized: 'The service refused the token of the identity provider.',
  erased: 'This account was deleted.',
};

/**
 * The reason why a login failed or a session ended, as a sentence.
 * @param detail what the service or the command for tokens said
 */
export const inWords = (code: Code, detail?: string): string =>
  (isOfToken(code) && detail && withoutSource(detail)) || (words[code] ?? `The login was refused (${code}).`);

const isOfToken = (code: Code): boolean => code === 'no_token' || code === 'unauthorized';

/** Whether the session was ended elsewhere, not by the user here. */
export const isEndedElsewhere = (code: Code | undefined): boolean =>
  code !== undefined && code !== 'closed' && code !== 'logged_out';

/** Whether the user may log in again at once, with a password. */
export const mayLogInAgain = (code: Code): boolean =>
  code === 'invalid_credentials' ||
  code === 'session_ended' ||
  code === 'password_changed' ||
  code === 'password_reset';
