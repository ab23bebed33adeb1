import { ChatError, groupChat } from '../../protocol/index.ts';
import type { Name } from '../model.ts';
import { noGroup } from '../not-a-member.ts';
import type { Directory, Members } from '../ports.ts';
import { isMemberOf } from './reserve-name.ts';

/** The refusal of what only a group's owner may do. */
export const notTheOwner = (group: string) =>
  new ChatError('not_allowed', `Only the owner of the group ${group} may do this.`);

/**
 * Returns the group if the user is a member.
 * @throws ChatError `unknown_group`, `not_a_member`
 */
export async function groupWith(
  { directory, members }: { directory: Directory; members: Members },
  group: string,
  username: string,
): Promise<Name> {
  const [name, row] = await Promise.all([
    directory.get(group, 'group'),
    members.get(groupChat(group), username),
  ]);
  if (name?.kind !== 'group') throw noGroup(group);
  if (!isMemberOf(row, name)) throw new ChatError('not_a_member', `You are not in the group ${group}.`);
  return name;
}
