import { ChatError, type register as command, type ReplyOf, type RequestOf } from '../../protocol/index.ts';
import type { Caller, Policy } from '../model.ts';
import type { RateLimiter } from '../ports.ts';
import { checkPassword, refuseWithProvider } from './change-password.ts';
import { type ClaimPorts, claimUser } from './claim-user.ts';

interface Ports extends ClaimPorts {
  /** Limits registrations, by address. */
  registrations: RateLimiter;
  policy: Policy;
}

/**
 * Creates a user who registers.
 * @throws ChatError `name_taken`, `bad_request`, `not_allowed`, `rate_limited`
 */
export async function register(
  ports: Ports,
  { username, password }: RequestOf<typeof command>,
  caller: Caller,
): Promise<ReplyOf<typeof command>> {
  const { registrations, policy } = ports;
  refuseWithProvider(policy);
  if (policy.registration === 'closed')
    throw new ChatError('not_allowed', 'Nobody can register here: whoever runs this service adds its users.');
  if (password !== undefined) checkPassword(policy, password);
  else if (policy.passwords === 'required') throw new ChatError('bad_request', '"password" is missing.');
  await registrations.admit(caller.address);
  const { isNew } = await claimUser(ports, username, password);
  if (!isNew) throw new ChatError('name_taken', `The name ${username} is taken.`);
  return { username };
}
