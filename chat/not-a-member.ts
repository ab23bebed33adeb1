import { ChatError } from '../protocol/index.ts';
import type { Directory } from './ports.ts';

/** The same error as after the group has ended and before its name is taken over. */
export const noGroup = (group: string): ChatError =>
  new ChatError('unknown_group', `There is no group ${group}.`);

/** The error for a user without a row in a group: the group doesn't exist, or they are not in it. */
export async function notAMember(directory: Directory, group: string): Promise<ChatError> {
  const name = await directory.get(group, 'group');
  return name?.kind === 'group'
    ? new ChatError('not_a_member', `You are not in the group ${group}: join it first.`)
    : noGroup(group);
}
