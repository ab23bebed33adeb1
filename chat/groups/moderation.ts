import {
  ChatError,
  groupChat,
  type invite as inviteCommand,
  type setOwner as ownerCommand,
  type ReplyOf,
  type RequestOf,
  type removeMember as removeCommand,
  tooFast,
  type updateGroup as updateCommand,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { currentUser, isOperator } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import type { Caller, Invitation, MemberRow, Name } from '../model.ts';
import { noGroup } from '../not-a-member.ts';
import type { Cooldown, Directory, Invitations, Members, Profiles } from '../ports.ts';
import { groupProfile } from '../profiles.ts';
import { LEFT_FOR } from './enter-group.ts';
import { profileIn } from './group-profiles.ts';
import { invitationTo } from './invitations.ts';
import { groupWith, notTheOwner } from './own-group.ts';
import { isMemberOf } from './reserve-name.ts';
import { appointOwner, countOut, handOver, ownerOf } from './succession.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

/** The minimum interval between two invitations of one user by another, in milliseconds, since each one notifies them. */
export const INVITATION_EVERY = 3_000;

/**
 * Sets whether only invited users may join a group, or what it shows beside its name. Nobody is notified: clients ask for
 * titles as they show them.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_group`, `not_a_member`, `not_allowed`
 */
export async function updateGroup(
  ports: Ports & { profiles: Profiles },
  { group_id: group, ...given }: RequestOf<typeof updateCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof updateCommand>> {
  const name = await ownGroup(ports, group, await currentUser(ports, caller));
  const { invite_only: inviteOnly } = given;
  const profile = profileIn(given);
  const hasProfile = Object.keys(profile).length > 0;
  if (inviteOnly === undefined && !hasProfile)
    throw new ChatError(
      'bad_request',
      'One of "invite_only", "title", "topic" and "avatar_url" must be given.',
    );
  if (inviteOnly !== undefined && !(await ports.directory.updateSettings(name, { inviteOnly })))
    throw noGroup(group);
  if (hasProfile) {
    const set = ports.profiles.set(groupProfile(name), profile);
    await (inviteOnly === undefined ? set : afterCommit(`Set who may join ${group}, but not its title`, set));
  }
  return { group_id: group, ...given };
}

/**
 * Invites a user, even one who was removed, and notifies them. Does nothing if they are already invited or a member.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`, `not_allowed`, `unknown_recipient`,
 *   `rate_limited`
 */
export async function invite(
  ports: Ports & { invitations: Invitations; invitationPace: Cooldown },
  { group_id: group, username }: RequestOf<typeof inviteCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof inviteCommand>> {
  const { directory, members, invitations, invitationPace, runtime } = ports;
  const owner = await currentUser(ports, caller);
  const name = await ownGroup(ports, group, owner);
  // The invitation first, as in `removeMember`.
  const invited = await invitationTo(ports, name, username);
  const [user, member] = await Promise.all([
    directory.get(username, 'user'),
    members.get(groupChat(group), username),
  ]);
  if (user?.kind !== 'user') throw new ChatError('unknown_recipient', `There is no user ${username}.`);
  const reply = { group_id: group, username };
  if (isMemberOf(member, name) || invited) {
    // An earlier attempt that died may have left the removal record.
    if (name.hasRemoved) await directory.unbar(name, username);
    return reply;
  }
  const wasRemoved = name.hasRemoved && (await directory.isBarred(name, username));
  if (!(await invitationPace.admit(`${username} by ${owner}`)))
    throw tooFast(`You have just invited ${username}.`, INVITATION_EVERY);
  // Before the invitation: without the note, nobody would look for it.
  if (!name.hasInvited && !(await directory.note(name, 'hasInvited'))) throw noGroup(group);
  const invitation: Invitation = {
    username,
    group,
    by: owner,
    at: runtime.now(),
    id: runtime.newId(),
    attemptId: name.attemptId,
    ...(wasRemoved && { wasRemoved: true as const }),
    ...(name.generation !== undefined && { generation: name.generation }),
  };
  const putting = invitations.put(invitation);
  await (name.hasInvited ? putting : afterCommit(`Noted that ${group} has invitations`, putting));
  // This may come second, because the invitation overrides the removal record.
  if (wasRemoved) await afterCommit(`Invited to ${group}, but still barred`, directory.unbar(name, username));
  await notify(ports, { type: 'INVITED', group_id: group, by: owner }, [username], caller.connectionId);
  return reply;
}

/**
 * Removes a member: ends the membership as `leaveGroup` does, deletes their invitation, and notifies them if they had either.
 * They need an invitation to rejoin: a removal record first stops later joins, then a replaced row stops a join in progress.
 * With `only`, it withdraws the invitation alone.
 * @throws ChatError `not_logged_in`, `bad_request`, `unknown_group`, `not_a_member`, `not_allowed`, `already_a_member`
 */
export async function removeMember(
  ports: Ports & { invitations: Invitations },
  { group_id: group, username, only }: RequestOf<typeof removeCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof removeCommand>> {
  const { directory, members, invitations } = ports;
  const owner = await currentUser(ports, caller);
  const name = await ownGroup(ports, group, owner);
  if (username === owner)
    throw new ChatError('bad_request', "You can't remove yourself: leave the group instead.");
  // The invitation first: a join that uses it up has stored its row before.
  const invitation = await invitationTo(ports, name, username);
  const row = await members.get(groupChat(group), username);
  if (only !== undefined) {
    await withdraw(ports, name, username, row, invitation);
    if (invitation)
      await notify(ports, { type: 'UNINVITED', group_id: group, by: owner }, [username], caller.connectionId);
    return { group_id: group, username };
  }
  if (
    !isMemberOf(row, name) &&
    !invitation &&
    !(name.hasRemoved && (await directory.isBarred(name, username)))
  )
    throw new ChatError('not_a_member', `${username} is not in the group ${group}.`);
  await directory.bar(name, username);
  const remove = async () => {
    if (!name.hasRemoved) await directory.note(name, 'hasRemoved');
    if (invitation) await invitations.remove(invitation);
    const wasIn = await takeOut(ports, name, username, row);
    if (wasIn) await countOut(ports, name, username);
    return wasIn;
  };
  const done = `Removed from ${group}, but perhaps still a member or counted there`;
  const wasIn = await afterCommit(done, remove());
  const type = wasIn ? 'REMOVED' : 'UNINVITED';
  if (wasIn || invitation)
    await notify(ports, { type, group_id: group, by: owner }, [username], caller.connectionId);
  return { group_id: group, username };
}

/**
 * Withdraws an invitation, as if it had never been there, of a user who has not joined. A repeat looks for a join in
 * progress, too: the attempt before it may have died between its steps.
 * @param row the user's row as it was read, after the invitation
 * @throws ChatError `already_a_member`
 */
async function withdraw(
  ports: Ports & { invitations: Invitations },
  name: Name,
  username: string,
  row: MemberRow | undefined,
  invitation: Invitation | undefined,
): Promise<void> {
  const { directory, invitations } = ports;
  const joined = new ChatError('already_a_member', `${username} has joined the group ${name.name}.`);
  if (isMemberOf(row, name)) throw joined;
  // Nobody of this name can be joining. Otherwise an owner could fill the group, which all its messages read, with any names.
  if (!invitation && !(name.hasInvited && (await directory.get(username, 'user'))?.kind === 'user')) return;
  const end = async () => {
    // Before the invitation goes, which says that it must be.
    if (invitation?.wasRemoved) await directory.bar(name, username);
    if (invitation) await invitations.remove(invitation);
    const isIn = await takeOut(ports, name, username, row, 'but no member');
    // Lifted again, as a record of no group: no right to delete it is needed for this race alone.
    if (isIn && invitation?.wasRemoved) await directory.bar({ ...name, attemptId: '' }, username);
    return isIn;
  };
  if (await afterCommit(`Withdrew an invitation to ${name.name}, but a join may be in progress`, end()))
    throw joined;
}

/**
 * Replaces a member's row: a membership, the remains of a join that died or came too late, or none. A membership in a later
 * group of the same name stays.
 * @param found the row as it was read
 * @param but leaves a membership as it is
 * @returns whether it was a membership in this group
 */
async function takeOut(
  { members, runtime }: Ports,
  name: Name,
  username: string,
  found: MemberRow | undefined,
  but?: 'but no member',
): Promise<boolean> {
  const row = { chat: groupChat(name.name), username, attemptId: runtime.newId() };
  const expires = runtime.now() + LEFT_FOR;
  for (let before = found; !isLater(before, name); ) {
    const isIn = isMemberOf(before, name) && !before.removed;
    if (isIn && but) return true;
    const there = await members.remove(row, expires, before?.attemptId);
    if (there?.attemptId === row.attemptId) return isIn;
    before = there;
  }
  return false;
}

const isLater = (row: MemberRow | undefined, { generation = 0 }: Name): boolean =>
  (row?.generation ?? 0) > generation;

/**
 * Makes another member the owner of the caller's group, or of any for the operator, and tells them. Once they are, any
 * member's repeat changes nothing.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`, `not_allowed`, `busy`
 */
export async function setOwner(
  ports: Ports,
  { group_id: group, username }: RequestOf<typeof ownerCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof ownerCommand>> {
  if (isOperator(caller)) {
    await appointOwner(ports, group, username);
    return { group_id: group, username };
  }
  const by = await currentUser(ports, caller);
  const find = () => ownGroup(ports, group, by, username);
  await handOver(ports, find, username, { username: by, connectionId: caller.connectionId });
  return { group_id: group, username };
}

/**
 * Returns the group if the user is its owner and a member.
 * @param heir a member who may own it instead: then a hand-over to them is a repeat
 * @throws ChatError `unknown_group`, `not_a_member`, `not_allowed`
 */
async function ownGroup(ports: Ports, group: string, username: string, heir = username): Promise<Name> {
  const name = await groupWith(ports, group, username);
  const isOwned = name.owner === username || name.owner === heir;
  if (!isOwned && (await ownerOf(ports, name)) !== username) throw notTheOwner(group);
  return name;
}
