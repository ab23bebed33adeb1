import {
  ChatError,
  type invite as inviteCommand,
  limits,
  type ReplyOf,
  type RequestOf,
  type removeMember as removeCommand,
  tooFast,
  type updateGroup as updateCommand,
} from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { groupChat } from './chats.ts';
import type { DeliverPorts } from './deliver.ts';
import { inEffect } from './in-effect.ts';
import { notify } from './notify.ts';
import type { Caller, Connections, Members, Name, Names, Pace } from './ports.ts';

interface Ports extends DeliverPorts {
  names: Names;
  members: Members;
}

/** How often one user may invite another: each time that other is told. */
export const INVITATION_EVERY = 3_000;

/**
 * Says whether a group takes only who is invited.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_allowed`
 */
export async function updateGroup(
  { connections, names }: { connections: Connections; names: Names },
  { group_id: group, invite_only }: RequestOf<typeof updateCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof updateCommand>> {
  await ownGroup(names, group, await loggedIn(connections, caller));
  await names.restrict(group, invite_only);
  return { group_id: group, invite_only };
}

/**
 * Lets a user join, and tells them; who is invited or a member already is not told again.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_allowed`, `unknown_recipient`, `limit_reached`, `rate_limited`
 */
export async function invite(
  ports: Ports & { invitations: Pace },
  { group_id: group, username }: RequestOf<typeof inviteCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof inviteCommand>> {
  const { connections, names, members, invitations } = ports;
  const creator = await loggedIn(connections, caller);
  const { invited = [] } = await ownGroup(names, group, creator);
  const [user, member] = await Promise.all([names.get(username), members.get(groupChat(group), username)]);
  if (user?.kind !== 'user') throw new ChatError('unknown_recipient', `There is no user ${username}.`);
  const reply = { group_id: group, username };
  if (member !== undefined || invited.includes(username)) return reply;
  if (!(await invitations.admit(`${username} by ${creator}`)))
    throw tooFast(`You have just invited ${username}.`, INVITATION_EVERY);
  if (!(await names.invite(group, username)))
    throw new ChatError(
      'limit_reached',
      `${limits.invitations} who are invited to ${group} have not come yet.`,
    );
  await notify(ports, { type: 'INVITED', group_id: group, by: creator }, [username], caller.connectionId);
  return reply;
}

/**
 * Ends somebody's membership as `leaveGroup` does, takes their invitation back, and tells them if they were in. The
 * invitation goes first, so that who joins by it after that is refused.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_group`, `not_allowed`, `not_a_member`
 */
export async function removeMember(
  ports: Ports,
  { group_id: group, username }: RequestOf<typeof removeCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof removeCommand>> {
  const { connections, names, members } = ports;
  const creator = await loggedIn(connections, caller);
  const { invited = [] } = await ownGroup(names, group, creator);
  if (username === creator)
    throw new ChatError('bad_request', '"username" is yours: to go, leave the group.');
  const chat = groupChat(group);
  const member = await members.get(chat, username);
  const isInvited = invited.includes(username);
  if (member === undefined && !isInvited)
    throw new ChatError('not_a_member', `${username} is not in the group ${group}.`);
  if (isInvited) await names.uninvite(group, username);
  const remove = async () => {
    await members.leave(chat, username);
    if (member) await names.count(group, -1);
  };
  await inEffect(`Invited to ${chat} no more, but perhaps still in it, or counted there`, remove());
  if (member) {
    await notify(ports, { type: 'REMOVED', group_id: group, by: creator }, [username], caller.connectionId);
  }
  return { group_id: group, username };
}

async function ownGroup(names: Names, group: string, username: string): Promise<Name> {
  const name = await names.get(group);
  if (name?.kind !== 'group') throw new ChatError('unknown_group', `There is no group ${group}.`);
  if (name.creator !== username)
    throw new ChatError('not_allowed', `Only who created the group ${group} may do this.`);
  return name;
}
