import { ChatError, type register as command, type ReplyOf, type RequestOf } from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { reserveName } from '../groups/claim-name.ts';
import type { Caller, Policy } from '../model.ts';
import type { Credentials, Directory, Inboxes, Members, RateLimiter, Secrets, World } from '../ports.ts';
import { checkPassword } from './change-password.ts';

interface Ports {
  directory: Directory;
  /** Where a group had the name. */
  members: Members;
  credentials: Credentials;
  inboxes: Inboxes;
  /** Of registrations, by address. */
  registrations: RateLimiter;
  secrets: Secrets;
  policy: Policy;
  world: World;
}

/**
 * Makes a user. The name is claimed first, against groups; who writes the credential is the user. Should it die in
 * between, nobody can log in, and whoever asks next gets the name.
 * @throws ChatError `name_taken`, `bad_request`, `rate_limited`
 */
export async function register(
  ports: Ports,
  { username, password }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { credentials, inboxes, registrations, secrets, policy, world } = ports;
  if (caller.identity !== undefined && caller.identity !== username) {
    throw new ChatError(
      'bad_request',
      `This connection is ${caller.identity}'s: there is nothing to register.`,
    );
  }
  if (password !== undefined) checkPassword(policy, password);
  else if (policy.passwords === 'required') throw new ChatError('bad_request', '"password" is missing.');
  await registrations.admit(caller.address);
  const taken = new ChatError('name_taken', `The name ${username} is taken.`);
  const mark = world.newId();
  const holder = await reserveName(ports, { name: username, kind: 'user', created: world.now(), mark });
  if (holder.kind !== 'user') throw taken;
  const rest = async () => {
    await inboxes.create(username);
    const hash = password === undefined ? undefined : await secrets.hash(password);
    return credentials.create({ username, mark, password: hash });
  };
  const credential = await afterCommit(`The name ${username} is claimed, but not registered`, rest());
  if (credential.mark !== mark) throw taken;
  return { username };
}
