import { ChatError, type register as command, type ReplyOf, type RequestOf } from '../protocol/index.ts';
import type { Names, World } from './ports.ts';

interface Ports {
  names: Names;
  world: World;
}

/**
 * Claims a name for a user: one write, so nothing can be left half done. The inbox is made on first use.
 * @throws ChatError `name_taken`
 */
export async function register(
  { names, world }: Ports,
  { username }: RequestOf<typeof command>,
): Promise<ReplyOf<typeof command>> {
  const claim = { name: username, kind: 'user', created: world.now(), mark: world.newId() } as const;
  const holder = await names.claim(claim);
  if (holder.mark !== claim.mark) throw new ChatError('name_taken', `The name ${username} is taken.`);
  return { username };
}
