import type { Code } from '../sdk/chat.ts';
import { withoutSource } from '../view/detail.ts';
import { inWords } from '../view/words.ts';

/**
 * The reason why a login failed or a session ended, as a sentence.
 * @param detail what the service or the command for tokens said
 */
export function whyOver(code: Code, detail = ''): string {
  if (isOfToken(code) && detail) return withoutSource(detail);
  // Of a login by name or password alone: others end in unauthorized.
  if (code === 'invalid_token')
    return 'Users of this service log in by a token of its identity provider: see --token-command.';
  return inWords(code, detail) || `The login was refused (${code}).`;
}

const offline: Partial<Record<Code, string>> = {
  connection_lost: 'The connection is lost.',
  silent: 'The service does not answer.',
  timed_out: 'The service does not answer.',
  unreachable: 'The service cannot be reached.',
};

/** Why there is no connection, as a sentence. @param detail what the service or the command for tokens said */
export function whyOffline(code: Code = 'connection_lost', detail = ''): string {
  const why = code === 'no_token' ? withoutSource(detail) : (offline[code] ?? inWords(code, detail));
  return `offline: ${why}`;
}

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
