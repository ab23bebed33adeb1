import { ChatError } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { reserveName } from '../groups/reserve-name.ts';
import type { Credential } from '../model.ts';
import type { Credentials, Directory, Inboxes, Members, Runtime, Secrets } from '../ports.ts';

/** The ports of `claimUser`. */
export interface ClaimPorts {
  directory: Directory;
  /** Shows whether a group of this name is empty. */
  members: Members;
  credentials: Credentials;
  inboxes: Inboxes;
  secrets: Secrets;
  runtime: Runtime;
}

/**
 * Creates a user, unless there is one. It reserves the name first, because users and groups share the namespace; whoever
 * writes the credential owns it. If this dies in between, nobody can log in yet, and the next call gets the name.
 * @param key the backend's, to recognise a repeat by
 * @returns the credential that is stored now, and whether it is of this call
 * @throws ChatError `name_taken` if a group has the name
 */
export async function claimUser(
  ports: ClaimPorts,
  username: string,
  password: string | undefined,
  key?: string,
): Promise<{ credential: Credential; isNew: boolean }> {
  const { credentials, inboxes, secrets, runtime } = ports;
  const attemptId = runtime.newId();
  const claim = { name: username, kind: 'user', created: runtime.now(), attemptId } as const;
  const holder = await reserveName(ports, claim);
  if (holder.kind !== 'user') throw new ChatError('name_taken', `The name ${username} is taken.`);
  const rest = async () => {
    await inboxes.create(username);
    const hash = password === undefined ? undefined : await secrets.hash(password);
    return credentials.create({ username, attemptId, password: hash, ...(key !== undefined && { key }) });
  };
  const credential = await afterCommit(`The name ${username} is reserved, but not registered`, rest());
  return { credential, isNew: credential.attemptId === attemptId };
}
