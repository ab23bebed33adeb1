import { ChatError } from '../protocol/index.ts';
import type { Credential } from './model.ts';
import type { Credentials } from './ports.ts';

/**
 * The credential of a user whom a backend names. Whose registration died halfway is nobody yet.
 * @throws ChatError `unknown_recipient` if there is none, or they were erased
 */
export async function requireUser(
  { credentials }: { credentials: Credentials },
  username: string,
): Promise<Credential> {
  const credential = await credentials.get(username);
  if (credential === undefined) throw new ChatError('unknown_recipient', `There is no user ${username}.`);
  if (credential.erased) throw new ChatError('unknown_recipient', `The user ${username} was deleted.`);
  return credential;
}
