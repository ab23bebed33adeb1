import {
  ChatError,
  type createGroup as createCommand,
  type joinGroup as joinCommand,
  type leaveGroup as leaveCommand,
  limits,
  type ReplyOf,
  type RequestOf,
} from '../../protocol/index.ts';
import { afterCommit } from '../after-commit.ts';
import { groupChat } from '../chat-id.ts';
import { currentUser } from '../current-user.ts';
import type { DeliverPorts } from '../delivery/deliver.ts';
import { notify } from '../delivery/notify.ts';
import type { Caller, Name } from '../model.ts';
import { notAMember } from '../not-a-member.ts';
import type { Directory, History, Members, RateLimiter } from '../ports.ts';
import { isDeserted, isMemberOf, reserveName } from './claim-name.ts';
import { addMember, isFull, rowOf } from './enter-group.ts';
import { quit } from './succession.ts';

interface Ports extends DeliverPorts {
  directory: Directory;
  members: Members;
}

interface EnterPorts extends Ports {
  history: History;
}

/**
 * Claims a name for a group and makes the caller its first member and owner. Should it die in between, nobody is in
 * the group, and whoever asks next gets the name.
 * @throws ChatError `not_logged_in`, `rate_limited`, `name_taken`, `limit_reached`
 */
export async function createGroup(
  ports: EnterPorts & { creations: RateLimiter },
  { group_name: group, invite_only: inviteOnly = false }: RequestOf<typeof createCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof createCommand>> {
  const { connections, members, creations, world } = ports;
  const owner = await currentUser(connections, caller);
  refuseIfMany(await members.groupsOf(owner));
  // Like registrations; and of one user, from wherever.
  await creations.admit(`user ${owner}`);
  await creations.admit(`address ${caller.address}`);
  const claim: Name = {
    name: group,
    kind: 'group',
    created: world.now(),
    owner,
    members: 0,
    mark: world.newId(),
  };
  const name = await reserveName(ports, inviteOnly ? { ...claim, inviteOnly } : claim, ports.history);
  const taken = new ChatError('name_taken', `The name ${group} is taken.`);
  if (name.mark !== claim.mark) throw taken;
  const row = rowOf(world, name, owner, name.first ?? 1);
  const first = async () => {
    const entered = await addMember(ports, name, row);
    // What is left of a membership in a group that had the name before.
    const over = typeof entered === 'object' ? entered.over : undefined;
    return entered === 'in' || (over !== undefined && (await addMember(ports, name, row, over)) === 'in');
  };
  if (!(await afterCommit(`The name ${group} is claimed, but nobody is in the group`, first()))) throw taken;
  await notify(ports, { type: 'JOINED', group_id: group }, [owner], caller.connectionId);
  return { group_id: group, groupname: group };
}

// Each time something else changed in between: who joins is removed or invited, or the group ends.
const ATTEMPTS = 5;

/**
 * Makes the caller a member; joining twice changes nothing. Who was removed stays out until they are invited. An
 * invitation goes last: should it die in between, the caller is in.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_invited`, `limit_reached`, `busy`
 */
export async function joinGroup(
  ports: EnterPorts,
  { group_id: group }: RequestOf<typeof joinCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof joinCommand>> {
  const username = await currentUser(ports.connections, caller);
  // The mark of what is in the row's place, and no membership in this group.
  let over: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await lookFor(ports, group, username);
    const { name, row, since } = found;
    over = row?.mark ?? over;
    if (isMemberOf(row, name)) {
      // Whoever found the group empty before this row was there does not get its name.
      if (!(await ports.directory.cancelTakeover(name))) continue;
      // An attempt that died may have left it.
      if (name.invited?.includes(username)) await ports.directory.uninvite(name, username);
      return { group_id: group };
    }
    await refuseUninvited(ports.directory, name, username);
    refuseIfMany(found.groups);
    await refuseDeserted(ports.members, name);
    // Else whoever is refused in turn would keep those from being counted who are there.
    const entered = isFull(name, ports.world.now())
      ? 'full'
      : await addMember(ports, name, rowOf(ports.world, name, username, since), over);
    if (entered === 'full')
      throw new ChatError('limit_reached', `${group} has ${limits.members} members already.`);
    if (entered === 'in') {
      await afterJoining(ports, name, username, caller);
      return { group_id: group };
    }
    over = entered.over;
  }
  throw new ChatError('busy', `Too much happens in ${group} at once. Try again.`);
}

/** What joining goes by. @throws ChatError `unknown_group` */
async function lookFor({ directory, members, history }: EnterPorts, group: string, username: string) {
  const chat = groupChat(group);
  const [name, newest, row, groups] = await Promise.all([
    directory.get(group),
    history.newest(chat, 1),
    members.get(chat, username),
    members.groupsOf(username),
  ]);
  if (name?.kind !== 'group') throw noGroup(group);
  return { name, row, groups, since: (newest.at(-1)?.seq ?? 0) + 1 };
}

/** An invitation also ends that somebody was removed. @throws ChatError `not_invited` */
async function refuseUninvited(directory: Directory, name: Name, username: string): Promise<void> {
  if (name.invited?.includes(username)) return;
  if (name.inviteOnly) throw new ChatError('not_invited', `${name.name} takes only who is invited.`);
  if (name.hasRemoved && (await directory.isBarred(name, username)))
    throw new ChatError(
      'not_invited',
      `You were removed from ${name.name}: who comes back is invited first.`,
    );
}

/** A group lasts as long as somebody is in it. @throws ChatError `unknown_group` */
async function refuseDeserted(members: Members, name: Name): Promise<void> {
  if (await isDeserted(members, name)) throw noGroup(name.name);
}

async function afterJoining(ports: Ports, name: Name, username: string, caller: Caller): Promise<void> {
  const settle = async () => {
    if (name.invited?.includes(username)) await ports.directory.uninvite(name, username);
    await notify(ports, { type: 'JOINED', group_id: name.name }, [username], caller.connectionId);
  };
  await afterCommit(`Joined ${name.name}, but perhaps still invited`, settle());
}

/**
 * Ends the caller's membership, and tells their other devices. It looks before it deletes: a delete that the SDK makes
 * twice finds nothing the second time, and must not be answered with `not_a_member`.
 * @throws ChatError `not_logged_in`, `unknown_group`, `not_a_member`
 */
export async function leaveGroup(
  ports: Ports,
  { group_id: group }: RequestOf<typeof leaveCommand>,
  caller: Caller,
): Promise<ReplyOf<typeof leaveCommand>> {
  const { connections, directory, members } = ports;
  const username = await currentUser(connections, caller);
  const [name, row] = await Promise.all([directory.get(group), members.get(groupChat(group), username)]);
  if (row === undefined) throw await notAMember(directory, group);
  await quit(ports, name, row);
  await notify(ports, { type: 'LEFT', group_id: group }, [username], caller.connectionId);
  return { group_id: group };
}

const noGroup = (group: string) => new ChatError('unknown_group', `There is no group ${group}.`);

function refuseIfMany(groups: readonly string[]): void {
  if (groups.length < limits.groups) return;
  throw new ChatError('limit_reached', `You are in ${limits.groups} groups already.`);
}
