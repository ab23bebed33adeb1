import { ChatError, type createUser as command, type ReplyOf, type RequestOf } from '../../protocol/index.ts';
import type { Policy } from '../model.ts';
import { checkPassword, refuseWithProvider } from './change-password.ts';
import { type ClaimPorts, claimUser } from './claim-user.ts';

/**
 * Creates a user for the operator, and leaves one who exists as they are. So it can be repeated; with the same key, the
 * reply to a repeat is that of the first.
 * @throws ChatError `name_taken`, `not_allowed`, `bad_request`
 */
export async function createUser(
  ports: ClaimPorts & { policy: Policy },
  { username, password, idempotency_key: key }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  const { credentials, policy } = ports;
  if (password !== undefined) {
    refuseWithProvider(policy);
    checkPassword(policy, password);
  }
  // Spares the hash, and an erased user the look of one who could be had back.
  const known = await credentials.get(username);
  const { credential, isNew } = known
    ? { credential: known, isNew: false }
    : await claimUser(ports, username, password, key);
  if (credential.erased)
    throw new ChatError('name_taken', `The name ${username} is that of a user who was deleted.`);
  return { username, created: isNew || (key !== undefined && credential.key === key) };
}
