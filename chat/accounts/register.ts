import { ChatError, type register as command, type ReplyOf, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { reserveName } from '../groups/reserve-name.ts';
import type { Caller, Policy } from '../model.ts';
import type { Credentials, Directory, Inboxes, Members, RateLimiter, Runtime, Secrets } from '../ports.ts';
import { checkPassword, refuseWithProvider } from './change-password.ts';

interface Ports {
  directory: Directory;
  /** Shows whether a group of this name is empty. */
  members: Members;
  credentials: Credentials;
  inboxes: Inboxes;
  /** Limits registrations, by address. */
  registrations: RateLimiter;
  secrets: Secrets;
  policy: Policy;
  runtime: Runtime;
}

/**
 * Creates a user. It reserves the name first, because users and groups share the namespace; whoever writes the
 * credential owns it. If this dies in between, nobody can log in yet, and the next `register` gets the name.
 * @throws ChatError `name_taken`, `bad_request`, `not_allowed`, `rate_limited`
 */
export async function register(
  ports: Ports,
  { username, password }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { credentials, inboxes, registrations, secrets, policy, runtime } = ports;
  refuseWithProvider(policy);
  if (password !== undefined) checkPassword(policy, password);
  else if (policy.passwords === 'required') throw new ChatError('bad_request', '"password" is missing.');
  await registrations.admit(caller.address);
  const taken = new ChatError('name_taken', `The name ${username} is taken.`);
  const attemptId = runtime.newId();
  const holder = await reserveName(ports, {
    name: username,
    kind: 'user',
    created: runtime.now(),
    attemptId,
  });
  if (holder.kind !== 'user') throw taken;
  const rest = async () => {
    await inboxes.create(username);
    const hash = password === undefined ? undefined : await secrets.hash(password);
    return credentials.create({ username, attemptId, password: hash });
  };
  const credential = await afterCommit(`The name ${username} is reserved, but not registered`, rest());
  if (credential.attemptId !== attemptId) throw taken;
  return { username };
}
