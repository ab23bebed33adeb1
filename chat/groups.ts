import {
  ChatError,
  type createGroup as createCommand,
  type joinGroup as joinCommand,
  type leaveGroup as leaveCommand,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../protocol/index.ts';
import { loggedIn } from './caller.ts';
import { groupChat } from './chats.ts';
import { inEffect } from './in-effect.ts';
import { noMember } from './no-member.ts';
import type { Caller, Connections, History, Members, Name, Names, World } from './ports.ts';

interface Ports {
  connections: Connections;
  names: Names;
  members: Members;
}

/**
 * Claims a name for a group and makes the caller its first member. Should it die in between, the same
 * caller may create it again, as long as nobody is in it.
 * @throws ChatError `not_logged_in`, `name_taken`, `limit_reached`
 */
export async function createGroup(
  { connections, names, members, world }: Ports & { world: World },
  { group_name: group, invite_only: inviteOnly = false }: RequestOf<typeof createCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof createCommand>> {
  const creator = await loggedIn(connections, caller);
  const chat = groupChat(group);
  refuseIfMany(await members.groupsOf(creator));
  const claim: Name = {
    name: group,
    kind: 'group',
    created: world.now(),
    creator,
    members: 1,
    mark: world.newId(),
  };
  const holder = await names.claim(inviteOnly ? { ...claim, inviteOnly } : claim);
  if (holder.mark !== claim.mark) {
    const deserted = holder.creator === creator && (await members.page(chat, '', 1)).length === 0;
    if (!deserted) throw new ChatError('name_taken', `The name ${group} is taken.`);
    if ((holder.inviteOnly ?? false) !== inviteOnly) await names.restrict(group, inviteOnly);
  }
  await members.join({
    chat,
    username: creator,
    role: 'creator',
    since: 1,
    joined: world.now(),
    turn: world.newId(),
  });
  return { group_id: group, groupname: group };
}

/**
 * Makes the caller a member; joining twice changes nothing. An invitation goes last: should it die in between, the
 * caller is in.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_invited`, `limit_reached`
 */
export async function joinGroup(
  { connections, names, members, history, world }: Ports & { history: History; world: World },
  { group_id: group }: RequestOf<typeof joinCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof joinCommand>> {
  const username = await loggedIn(connections, caller);
  const chat = groupChat(group);
  const [name, newest, there, groups] = await Promise.all([
    names.get(group),
    history.newest(chat, 1),
    members.get(chat, username),
    members.groupsOf(username),
  ]);
  if (name?.kind !== 'group') throw new ChatError('unknown_group', `There is no group ${group}.`);
  if (there) return { group_id: group };
  const isInvited = name.invited?.includes(username) ?? false;
  if (name.inviteOnly && !isInvited)
    throw new ChatError('not_invited', `${group} takes only who is invited.`);
  refuseIfMany(groups);
  if ((name.members ?? 0) >= limits.members) {
    throw new ChatError('limit_reached', `${group} has ${limits.members} members already.`);
  }
  const since = (newest.at(-1)?.seq ?? 0) + 1;
  await members.join({ chat, username, role: 'member', since, joined: world.now(), turn: world.newId() });
  const settle = async () => {
    await names.count(group, 1);
    if (isInvited) await names.uninvite(group, username);
  };
  await inEffect(`Joined ${chat}, but not counted there, or still invited`, settle());
  return { group_id: group };
}

/**
 * Ends the caller's membership. It looks before it deletes: a delete that the SDK makes twice finds nothing
 * the second time, and must not be answered with `not_a_member`.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`
 */
export async function leaveGroup(
  { connections, names, members }: Ports,
  { group_id: group }: RequestOf<typeof leaveCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof leaveCommand>> {
  const username = await loggedIn(connections, caller);
  const chat = groupChat(group);
  if ((await members.get(chat, username)) === undefined) throw await noMember(names, group);
  await members.leave(chat, username);
  await inEffect(`Left ${chat}, but counted there`, names.count(group, -1));
  return { group_id: group };
}

function refuseIfMany(groups: readonly string[]): void {
  if (groups.length < limits.groups) return;
  throw new ChatError('limit_reached', `You are in ${limits.groups} groups already.`);
}
