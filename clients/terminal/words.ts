import type { Code } from '../sdk/chat.ts';

const words: Partial<Record<Code, string>> = {
  invalid_credentials: 'There is no such user, or this is not their password.',
  unreachable: 'The service cannot be reached.',
  session_ended: 'The session has ended: log in again.',
  password_changed: 'The password was changed elsewhere: log in with the new one.',
  password_reset: 'An administrator has reset your password: log in with the new one.',
  logged_out_everywhere: 'You were logged out everywhere, from another place.',
  erased: 'An administrator has removed this user.',
};

/** The reason why a login failed or a session ended, as a sentence. */
export const inWords = (code: Code): string => words[code] ?? `The login was refused (${code}).`;

/** Whether the session was ended elsewhere, not by the user here. */
export const isEndedElsewhere = (code: Code | undefined): boolean =>
  code !== undefined && code !== 'closed' && code !== 'logged_out';

/** Whether the user may log in again at once, with a password. */
export const mayLogInAgain = (code: Code): boolean =>
  code === 'invalid_credentials' ||
  code === 'session_ended' ||
  code === 'password_changed' ||
  code === 'password_reset';
